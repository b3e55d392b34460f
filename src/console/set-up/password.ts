// The step of the administrator's password.

import { askForPassword } from '../pages/password.ts';
import type { Task } from './step.ts';

/** Asks for a new one. */
export const setPassword: Task = (context) =>
  askForPassword(context, "Administrator's password", 'At least 12 characters, for this console and the web page.');
