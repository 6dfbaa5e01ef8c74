import { expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { memoryIo } from '../memory-io.ts';

const PASSWORD = 'correct horse battery';

test('on an empty database the set-up link is printed once, works once, and is gone with the first user', async () => {
  const dataDir = temporaryDirectory();
  {
    await using serving = await serve(dataDir, '--json');
    const { url, setupUrl } = JSON.parse(serving.io.stdoutText());
    expect(setupUrl).toMatch(new RegExp(`^${url}/admin/#/set-up\\?token=[\\w-]{43}$`));
    const token = setupUrl.split('token=')[1];
    expect(serving.io.stderrText()).not.toContain(token);
    const body = JSON.stringify({ token, email: 'ann@example.com', password: PASSWORD });
    const headers = { 'content-type': 'application/json', origin: url };
    const reply = await fetch(`${url}/admin/api/setup`, { method: 'POST', headers, body });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ user: { role: 'admin' } });
    const again = await fetch(`${url}/admin/api/setup`, { method: 'POST', headers, body });
    expect(again.status).toBe(404);
  }
  await using serving = await serve(dataDir);
  expect(serving.io.stdoutText()).toContain('/admin/');
  expect(serving.io.stdoutText()).not.toContain('token=');
});

test('serves the page and the admin, or one of them', async () => {
  const statuses = async (...argv: string[]) => {
    await using serving = await serve(temporaryDirectory(), '--json', ...argv);
    const { url } = JSON.parse(serving.io.stdoutText());
    const paths = ['/maintenance?site=example.com', '/admin/api/setup', '/healthz', '/metrics'];
    return await Promise.all(paths.map(async (path) => (await fetch(url + path)).status));
  };
  expect(await statuses()).toEqual([503, 200, 200, 401]);
  expect(await statuses('--only', 'page')).toEqual([503, 404, 200, 401]);
  expect(await statuses('--only', 'admin')).toEqual([404, 200, 200, 401]);
});

test('does what is due by itself, unless it is told not to', async () => {
  const beats = async (...argv: string[]) => {
    const dataDir = temporaryDirectory();
    await using serving = await serve(dataDir, '--json', ...argv);
    const { url } = JSON.parse(serving.io.stdoutText());
    const metrics = () => fetch(`${url}/metrics`, { headers: { authorization: 'Bearer token' } });
    let text = '';
    for (let asked = 0; asked < 50 && !text.includes('heartbeat_age_seconds '); asked += 1)
      text = (await (await metrics()).text()).replace(/^#.*\n/gm, '');
    return text.includes('heartbeat_age_seconds ');
  };
  expect(await beats()).toBe(true);
  expect(await beats('--no-tick')).toBe(false);
});

/** `serve` on a free port, ended as by Ctrl-C. */
async function serve(dataDir: string, ...argv: string[]) {
  const io = memoryIo();
  const stop = new AbortController();
  const environment = {
    INTERMISSION_DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
    INTERMISSION_METRICS_TOKEN: 'token',
  };
  const status = run(['serve', '--port', '0', ...argv], {
    io,
    signal: stop.signal,
    colorWish: 'never',
    environment,
  });
  while (io.stdoutText() === '' && io.stderrText() === '')
    await new Promise((resolve) => setImmediate(resolve));
  return {
    io,
    async [Symbol.asyncDispose]() {
      stop.abort();
      expect(await status, io.stderrText()).toBe(0);
    },
  };
}
