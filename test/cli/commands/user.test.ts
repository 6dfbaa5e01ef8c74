import { expect, test } from 'vitest';
import { type BareWorkplace, openBareWorkplace } from '../bare-workplace.ts';
import { openCliWorkplace } from '../cli-workplace.ts';

const PASSWORD = 'correct horse battery';

test('the first user is an admin, the next what --role says, and nothing of a password is kept', async () => {
  await using place = await openBareWorkplace();
  expect((await place.cli(['user', 'list'])).stdout).toContain('intermission user create EMAIL');
  expect((await create(place, 'Ann@example.com')).stdout).toBe('✓ Added ann@example.com, admin.\n');
  expect((await create(place, 'bob@example.com', '--role', 'operator', '--name', 'Bob')).status).toBe(0);
  const { document } = await place.json(['user', 'list']);
  expect(document.results).toMatchObject([
    { email: 'ann@example.com', role: 'admin', isActive: true, lastActiveAt: null },
    { email: 'bob@example.com', name: 'Bob', role: 'operator', isActive: true },
  ]);
  expect(place.traces()).not.toContain('horse');
});

test('roles, passwords and access are changed by name, tried with --dry-run, and logged', async () => {
  await using place = await openBareWorkplace();
  await create(place, 'ann@example.com');
  await create(place, 'bob@example.com');
  const said = async (...argv: string[]) => (await place.cli(['user', ...argv], { stdin: PASSWORD })).stdout;
  expect(await said('set-role', 'bob@example.com', 'operator', '-n')).toContain('would be an operator');
  expect(await said('set-role', 'bob@example.com', 'operator')).toBe(
    '✓ bob@example.com is now an operator.\n',
  );
  expect(await said('set-role', 'bob@example.com', 'operator')).toContain('is an operator already');
  expect(await said('disable', 'bob@example.com')).toBe('✓ bob@example.com is now disabled.\n');
  expect(await said('enable', 'bob@example.com')).toBe('✓ bob@example.com is now active.\n');
  expect(await said('set-password', 'bob@example.com', '--password-stdin')).toContain(
    'signed out everywhere',
  );
  const { document } = await place.json(['log', 'list']);
  expect(document.results.map(({ action, source }) => `${action} ${source}`)).toEqual(
    Array(6).fill('configure cli'),
  );
});

test.each([
  [['set-role', 'ann@example.com', 'viewer'], 6, 'in_use'],
  [['disable', 'ann@example.com'], 6, 'in_use'],
  [['disable', 'anne@example.com'], 1, 'not_found'],
  [['set-role', 'ann@example.com', 'owner'], 2, 'validation_failed'],
  [['create', 'ann@example.com', '--password-stdin'], 6, 'already_exists'],
  [['create', 'bob@example.com'], 2, 'usage'],
] as const)('user %j is refused', async (argv, status, code) => {
  await using place = await openBareWorkplace();
  await create(place, 'ann@example.com');
  const refused = await place.json(['user', ...argv], { stdin: PASSWORD });
  expect({ status: refused.status, code: refused.document.error?.code }).toEqual({ status, code });
});

test('at a terminal the password is typed twice and not shown', async () => {
  await using place = await openCliWorkplace();
  const typed = (again: string) => [
    { question: 'Password', keys: `${PASSWORD}\r` },
    { question: 'The same password again', keys: `${again}\r` },
  ];
  const argv = ['user', 'create', 'ann@example.com'];
  const differing = await place.atTerminal(argv, typed('correct horse buttery'));
  expect(differing.status).toBe(2);
  const { status, stdout, stderr } = await place.atTerminal(argv, typed(PASSWORD));
  expect({ status, stdout }).toMatchObject({ status: 0 });
  expect(stdout + stderr + differing.stderr).not.toContain('horse');
});

function create(place: BareWorkplace, email: string, ...flags: string[]) {
  return place.cli(['user', 'create', email, '--password-stdin', ...flags], { stdin: `${PASSWORD}\n` });
}
