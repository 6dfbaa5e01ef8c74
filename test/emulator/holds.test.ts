import { spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, type Hold, startEmulator } from '../../src/emulator/index.ts';
import { forwarding, rulesPath, send } from './client.ts';

let emulator: Emulator;
let path: string;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1, plan: 'pro', rateLimit: false });
});
beforeEach(async () => {
  await emulator.reset();
  path = rulesPath(emulator);
});
afterAll(() => emulator.close());

const post = (name: string, signal?: AbortSignal) =>
  send(emulator, `POST ${path}`, {
    body: forwarding(`${name}.site-1.example/*`),
    ...(signal === undefined ? {} : { signal }),
  });
const count = () => emulator.rules('site-1.example').length;

describe('before', () => {
  test('the write waits, others do not, and it is performed when released', async () => {
    const hold = emulator.hold({ when: 'before' });
    const held = post('a');
    const request = await hold.reached;
    expect([hold.state, request.method, count()]).toEqual(['reached', 'POST', 0]);
    expect((await post('b')).status).toBe(200);
    expect(count()).toBe(1);
    await hold.release();
    expect((await held).status).toBe(200);
    expect([hold.state, count()]).toEqual(['released', 2]);
  });

  test('discarded, it is not performed and gets no answer', async () => {
    const hold = emulator.hold({ when: 'before' });
    const held = post('a');
    held.catch(() => undefined);
    await hold.reached;
    await hold.release({ discard: true });
    await expect(held).rejects.toThrow();
    expect([hold.state, count()]).toEqual(['discarded', 0]);
  });

  test('a client that goes away takes its write with it', async () => {
    const hold = emulator.hold({ when: 'before' });
    const abort = new AbortController();
    const held = post('a', abort.signal);
    await hold.reached;
    abort.abort();
    await expect(held).rejects.toThrow();
    await expect.poll(() => hold.state).toBe('discarded');
    await hold.release();
    expect(count()).toBe(0);
    expect(emulator.requests()).toMatchObject([{ changed: false, answered: false }]);
  });
});

describe('after', () => {
  test('the write is done while its reply waits', async () => {
    const hold = emulator.hold({ when: 'after' });
    const held = post('a');
    const request = await hold.reached;
    expect(count()).toBe(1);
    expect(request).toMatchObject({ changed: true, answered: false, status: 200 });
    await hold.release();
    expect((await held).status).toBe(200);
  });

  test('it stays done when the client has gone', async () => {
    const hold = emulator.hold({ when: 'after' });
    const abort = new AbortController();
    const held = post('a', abort.signal);
    await hold.reached;
    abort.abort();
    await expect(held).rejects.toThrow();
    await hold.release();
    expect([hold.state, count()]).toEqual(['released', 1]);
  });
});

describe('which request', () => {
  test('the n-th write that matches; reads are not counted', async () => {
    const hold = emulator.hold({ when: 'after', nth: 2 });
    await post('a');
    await send(emulator, `GET ${path}`);
    const held = post('b');
    await hold.reached;
    expect(count()).toBe(2);
    await hold.release();
    await held;
    expect((await post('c')).status).toBe(200);
  });

  test('reads too when asked', async () => {
    const hold = emulator.hold({ when: 'before', writesOnly: false, method: 'GET', path: /pagerules$/ });
    const held = send(emulator, `GET ${path}`);
    await hold.reached;
    await hold.release();
    expect((await held).status).toBe(200);
  });

  test('a hold that is released before anything came holds nothing', async () => {
    const hold = emulator.hold({ when: 'before' });
    await hold.release();
    expect((await post('a')).status).toBe(200);
  });

  test('a fault can wait for the release', async () => {
    emulator.addFault({ kind: 'dropReply' });
    const hold = emulator.hold({ when: 'before' });
    const held = post('a');
    held.catch(() => undefined);
    await hold.reached;
    expect(count()).toBe(0);
    await hold.release();
    await expect(held).rejects.toThrow();
    expect(count()).toBe(1);
  });

  test('a reset lets go of what is held', async () => {
    const hold = emulator.hold({ when: 'before' });
    const held = post('a');
    held.catch(() => undefined);
    await hold.reached;
    await emulator.reset();
    await expect(held).rejects.toThrow();
    expect(hold.state).toBe('discarded');
  });
});

describe('a process that is killed', () => {
  const script = `
    const { API, TOKEN, BODY } = process.env;
    await fetch(API, { method: 'POST', headers: { authorization: 'Bearer ' + TOKEN }, body: BODY });
  `;

  async function killWhileHeld(hold: Hold): Promise<void> {
    const env = {
      ...process.env,
      API: emulator.api + path,
      TOKEN: emulator.token,
      BODY: JSON.stringify(forwarding('*site-1.example/*')),
    };
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: 'ignore' });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await hold.reached;
    child.kill('SIGKILL');
    await exited;
    await hold.release();
  }

  test('before its write has changed nothing', async () => {
    const hold = emulator.hold({ when: 'before' });
    await killWhileHeld(hold);
    expect([hold.state, count()]).toEqual(['discarded', 0]);
  });

  test('after its write has changed something', async () => {
    await killWhileHeld(emulator.hold({ when: 'after' }));
    expect(count()).toBe(1);
  });
});

test('closing the emulator lets go of what is held', async () => {
  const other = await startEmulator({ zones: 1 });
  const hold = other.hold({ when: 'before', writesOnly: false });
  const held = send(other, 'GET /zones');
  held.catch(() => undefined);
  await hold.reached;
  await other.close();
  await expect(held).rejects.toThrow();
  await other.close();
});
