import { Button, Stack, TextField } from '@mui/material';
import { type SubmitEvent, useState } from 'react';
import { Door } from './door.tsx';

export interface Field {
  name: string;
  label: string;
  type: 'email' | 'password' | 'text';
  autoComplete: string;
  optional?: boolean;
  minLength?: number;
  help?: string;
}

interface DoorFormProps {
  title: string;
  button: string;
  fields: readonly Field[];
  /** Says what went wrong by throwing an error. */
  onSubmit: (values: Record<string, string>) => Promise<void>;
}

/** A form on a card; says what the server says when it refuses. */
export function DoorForm({ title, button, fields, onSubmit }: DoorFormProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]),
    );
    setBusy(true);
    setProblem(null);
    await onSubmit(values).catch((error: Error) => setProblem(error.message));
    setBusy(false);
  };
  return (
    <Door title={title} problem={problem}>
      <Stack component="form" spacing={2} onSubmit={(event) => void submit(event)}>
        {fields.map((field, index) => (
          <TextField
            key={field.name}
            id={field.name}
            name={field.name}
            label={field.label}
            type={field.type}
            required={field.optional !== true}
            autoComplete={field.autoComplete}
            autoFocus={index === 0}
            helperText={field.help}
            slotProps={{ htmlInput: { minLength: field.minLength } }}
            fullWidth
          />
        ))}
        <Button type="submit" variant="contained" size="large" disabled={isBusy}>
          {button}
        </Button>
      </Stack>
    </Door>
  );
}
