import { useLogin } from 'react-admin';
import { DoorForm, type Field } from './door-form.tsx';

const FIELDS: readonly Field[] = [
  { name: 'username', label: 'E-mail', type: 'email', autoComplete: 'username' },
  { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
];

export function SignInPage() {
  const login = useLogin();
  return (
    <DoorForm
      title="Sign in"
      button="Sign in"
      fields={FIELDS}
      onSubmit={async (values) => {
        await login(values);
      }}
    />
  );
}
