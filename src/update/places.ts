// Where the parts of an update meet, on the appliance.

export const places = {
  /** What the server and an update have in common: the upload, and the note that asks for it. */
  fromServer: '/data/kmip-edge/update',
  /** Root's own note, which does not outlive a restart. */
  fromRoot: '/run/kmip-edge/update-request',
  /** Root's own: what is pending, how it ended, copies during a trial. */
  state: '/data/update',
  /** How far it is, for whoever wants to know. Its being there says that this is the appliance. */
  progress: '/run/kmip-edge/update.json',
  /** What the settings of the machine say: whether it looks for updates by itself, for whoever wants to know. */
  unattended: '/run/kmip-edge/unattended.json',
  /** Root's own: where it looks, and through which proxy. */
  fetch: '/run/kmip-edge/fetch.json',
  scratch: '/run/kmip-edge',
  units: '/run/systemd/system',
  keys: '/usr/share/kmip-edge/update-key.pem',
} as const;
