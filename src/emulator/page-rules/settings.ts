import { settingIds } from './actions.ts';

interface SettingProperty {
  name: string;
  type: string;
  choices?: (string | number)[];
}

const choice = (...choices: (string | number)[]): SettingProperty[] => [
  { name: 'value', type: 'choice', choices },
];
const onOff: SettingProperty[] = [{ name: 'value', type: 'toggle' }];
const text: SettingProperty[] = [{ name: 'value', type: 'string' }];
const seconds: SettingProperty[] = [{ name: 'value', type: 'range' }];

/** Settings that take something else than on or off; the shapes are close to Cloudflare's, not copied from it. */
const properties: Record<string, SettingProperty[]> = {
  always_use_https: [],
  disable_apps: [],
  disable_performance: [],
  disable_security: [],
  disable_zaraz: [],
  browser_cache_ttl: seconds,
  edge_cache_ttl: seconds,
  bypass_cache_on_cookie: text,
  cache_on_cookie: text,
  host_header_override: text,
  resolve_override: text,
  cache_level: choice('bypass', 'basic', 'simplified', 'aggressive', 'cache_everything'),
  polish: choice('off', 'lossless', 'lossy'),
  security_level: choice('off', 'essentially_off', 'low', 'medium', 'high', 'under_attack'),
  ssl: choice('off', 'flexible', 'full', 'strict', 'origin_pull'),
  forwarding_url: [
    { name: 'url', type: 'forwardingUrl' },
    { name: 'status_code', type: 'choice', choices: [301, 302] },
  ],
};

/** `GET /zones/{zone_id}/pagerules/settings`: what a rule of this zone may set. The same for every plan. */
export const pageRuleSettings = settingIds.map((id) => ({ id, properties: properties[id] ?? onOff }));
