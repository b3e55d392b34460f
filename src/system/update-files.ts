// What the settings say of updates that the appliance takes by itself, as the files that are read for it: when systemd looks for
// one, where, and what everybody may know of that.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Properties, partsOf } from './properties.ts';
import type { SystemFile } from './system-file.ts';
import { shownAddress } from './upload.ts';

/** HH:MM, where the settings name none. */
export const usualUpdateTime = '02:30';
/** The timer is not told by the system itself to start: {@link followUpdateTime} does. */
export const lookTimer = 'kmip-edge-look.timer';

/** The files for checked `values`. `zones` is the directory of the time zones. */
export const updateFiles = (values: Properties, zones: string): readonly SystemFile[] => {
  const { proxy } = values;
  const address = values['update-address'];
  const time = values['update-time'] ?? usualUpdateTime;
  const way = { ...(address === undefined ? {} : { address }), ...proxyOf(proxy, values['no-proxy']) };
  const shown = address && { address: shownAddress(new URL(address)), time };
  return [
    { path: '/run/kmip-edge/unattended.json', content: shown && `${JSON.stringify(shown)}\n`, mode: 0o644 },
    // The query of an address may be what opens it.
    {
      path: '/run/kmip-edge/fetch.json',
      content: (address ?? proxy) && `${JSON.stringify(way)}\n`,
      mode: 0o600,
    },
    {
      path: `/run/systemd/system/${lookTimer}.d/settings.conf`,
      content: address && `[Timer]\nOnCalendar=\nOnCalendar=*-*-* ${time}:00 ${zoneIn(zones, values['time-zone'])}\n`,
      mode: 0o644,
    },
  ];
};

const proxyOf = (proxy: string | undefined, except: string | undefined): object =>
  proxy === undefined ? {} : { proxy: { url: proxy, except: partsOf(except ?? '') } };

/** systemd refuses a zone that it has no file of; the clock of such an appliance shows UTC too. */
const zoneIn = (zones: string, zone: string | undefined): string =>
  zone !== undefined && existsSync(join(zones, zone)) ? zone : 'UTC';
