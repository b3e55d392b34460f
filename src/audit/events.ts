// What an operation is called in the trail. The names are those under which KMIP for VMware on IBM Cloud reports the same
// to Activity Tracker, so that what watches for one watches for the other; what has no name there gets one of ours.

import type { AuditEntry } from '../keys/audit-ports.ts';

/** By KMIP operation. */
const events: Readonly<Record<string, string>> = {
  Create: 'vmware-solutions.kmip-key.create',
  Register: 'vmware-solutions.kmip-key.register',
  Get: 'vmware-solutions.kmip-key.read',
  Activate: 'vmware-solutions.kmip-key.activate',
  Revoke: 'vmware-solutions.kmip-key.revoke',
  Destroy: 'vmware-solutions.kmip-key.destroy',
  Locate: 'vmware-solutions.kmip-key.list',
  AddAttribute: 'vmware-solutions.kmip-key-attributes.add',
  GetAttributes: 'vmware-solutions.kmip-key-attributes.retrieve',
  GetAttributeList: 'vmware-solutions.kmip-key-attributes.retrieve',
};

/** The event of a KMIP operation, of a route of the management API, or of what the server did by itself. */
export const eventOf = (operation: string): string => events[operation] ?? `kmip-edge.${operation}`;

/** What the server did by itself, or what happened to it. */
export const serverEvent = (operation: string, subject: Readonly<Record<string, string>> = {}): AuditEntry => ({
  by: 'server',
  name: 'kmip-edge',
  address: '',
  operation,
  outcome: 'success',
  subject,
});
