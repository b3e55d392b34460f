// The routes about settings.

import type { Setting, SettingsFile } from '../config/settings-file.ts';
import type { RouteName } from './api/table.ts';
import type { Handlers } from './routes.ts';

type SettingHandlers = Pick<Handlers, Extract<RouteName, `setting.${string}`>>;

export const settingHandlers = (file: SettingsFile): SettingHandlers => ({
  'setting.list': async () => {
    const settings = await file.list();
    return { file: file.path, settings, restartNeeded: needsRestart(settings) };
  },
  'setting.set': async ({ changes }) =>
    changed(await file.change(Object.fromEntries(changes.map(({ name, value }) => [name, value])))),
  'setting.unset': async ({ names }) =>
    changed(await file.change(Object.fromEntries(names.map((name) => [name, null])))),
});

const needsRestart = (settings: readonly Setting[]): boolean => settings.some(({ running }) => running !== undefined);

const changed = (settings: readonly Setting[]) => ({ settings, restartNeeded: needsRestart(settings) });
