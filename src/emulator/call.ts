import type { IncomingHttpHeaders } from 'node:http';
import type { Realm } from './auth.ts';
import type { Reply } from './envelope.ts';
import type { Permission } from './schemas.ts';
import type { CloudflareState } from './state.ts';
import type { Switches } from './switches.ts';
import type { Token } from './tokens.ts';
import type { Zone, ZoneConfig } from './zones.ts';

/** A request as it came in; the path is without `/client/v4` and without its query. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
  /** Parsed JSON, the text when it is not JSON, undefined when there is none. */
  readonly body: unknown;
  readonly malformedBody: boolean;
}

/** A request that passed the general checks of its route. */
export interface Call {
  readonly state: CloudflareState;
  readonly request: ApiRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly token: Token;
  /** Reads answer with the state before the last write of their zone. */
  readonly stale: boolean;
}

/** A call below `/zones/{zone_id}`; `config` is what it reads. */
export interface ZoneCall extends Call {
  readonly zone: Zone;
  readonly config: ZoneConfig;
}

interface RouteBase {
  readonly method: string;
  /** Segments in braces are ids of 32 hexadecimal characters. */
  readonly path: string;
  readonly realm: Realm;
}

/** A route and what its token must be allowed to; zone routes get a zone that is in the token's scope. */
export type Route =
  | (RouteBase & { readonly handle: (call: Call) => Reply })
  | (RouteBase & {
      readonly permissions: readonly Permission[];
      readonly userTokensOnly: boolean;
      /** How the product words a missing right; most say 9109 (6.4). */
      readonly unauthorized?: (switches: Switches) => Reply;
      readonly handleZone: (call: ZoneCall) => Reply;
    });
