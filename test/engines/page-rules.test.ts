import { expect, test } from 'vitest';
import { PageRulesEngine } from '../../src/engines/page-rules.ts';
import type { PageRulesPort } from '../../src/engines/page-rules-port.ts';
import { IntermissionError } from '../../src/errors.ts';

const own = {
  kind: 'delete' as const,
  id: 'a',
  pattern: 'example.com/*',
  url: 'https://status.example.net/',
};
const deleting = (what: string) => {
  const missing = new IntermissionError('not_found', 'Cloudflare knows no such thing.', {
    details: { what },
  });
  const refuse = () => Promise.reject(missing);
  const port: PageRulesPort = {
    listPageRules: refuse,
    createPageRule: refuse,
    replacePageRule: refuse,
    deletePageRule: refuse,
  };
  return new PageRulesEngine(port).apply('zone', own, {});
};

test('a rule that is gone already counts as deleted', async () => {
  await expect(deleting('rule')).resolves.toEqual({ rule: undefined });
});

test.each(['zone', 'route'])('a %s that is not found does not say that the rule is gone', async (what) => {
  await expect(deleting(what)).rejects.toMatchObject({ code: 'not_found', details: { what } });
});
