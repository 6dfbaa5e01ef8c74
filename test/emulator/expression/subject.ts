import type { Subject } from '../../../src/emulator/expression/fields.ts';

interface Visitor {
  from?: string;
  method?: string;
  headers?: Record<string, string>;
}

/** What the edge knows of a visitor to a URL; the path is taken as it is written. */
export function subjectOf(text: string, visitor: Visitor = {}): Subject {
  const [, scheme = 'http', host = '', path = '/', query = ''] =
    /^(https?):\/\/([^/?]+)([^?]*)(.*)$/s.exec(text) ?? [];
  return {
    method: visitor.method ?? 'GET',
    host,
    sentHost: host,
    headers: visitor.headers ?? {},
    from: visitor.from ?? '198.51.100.1',
    url: {
      scheme: scheme === 'https' ? 'https' : 'http',
      host: host.toLowerCase(),
      port: scheme === 'https' ? 443 : 80,
      path,
      query,
    },
  };
}
