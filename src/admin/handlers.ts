// What each route of the management API does: it asks the parts and shapes their answers. Decisions are theirs.

import type { Audit } from '../audit/audit.ts';
import { readCertificate } from '../ca/certificate.ts';
import type { KeyType } from '../ca/key-pair.ts';
import type { ServerCertificates } from '../ca/server-certificates.ts';
import type { Clock } from '../clock.ts';
import type { SettingsFile } from '../config/settings-file.ts';
import type { Damage } from '../damage.ts';
import type { Changing } from '../instances/changing.ts';
import type { Importing } from '../instances/importing.ts';
import type { MovingHouse } from '../instances/moving-house.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { Removing } from '../instances/removing.ts';
import type { Renewing } from '../instances/renewing.ts';
import type { TrustedRoots } from '../instances/trusted-roots.ts';
import type { UseTracker } from '../instances/use-tracker.ts';
import type { KeyCache } from '../keys/cache-ports.ts';
import type { LeaseTerm } from '../keys/lease.ts';
import type { Store } from '../keys/ports.ts';
import type { KeyService } from '../keys/service.ts';
import type { Log } from '../log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type AccessParts, accessHandlers } from './access-handlers.ts';
import type { InstanceView } from './api/instances.ts';
import type { sealRoutes } from './api/seal.ts';
import type { StatusView } from './api/status.ts';
import type { Input } from './api/table.ts';
import { applianceView } from './appliance.ts';
import { auditHandlers } from './audit-handlers.ts';
import { type BackupTools, backupHandlers, backupMoments } from './backup-handlers.ts';
import { certificateWarnings, type EndingParts } from './certificate-endings.ts';
import { certificateHandlers } from './certificate-handlers.ts';
import { clientHandlers } from './client-handlers.ts';
import { certificateView } from './client-views.ts';
import { type DoctorHandlerParts, doctorHandlers } from './doctor-handlers.ts';
import { exportHandlers } from './export-handlers.ts';
import { type HealthParts, healthHandlers } from './health-handlers.ts';
import type { HttpsState } from './https.ts';
import type { Identities } from './identities.ts';
import { instanceHandlers } from './instance-handlers.ts';
import { keyHandlers } from './key-handlers.ts';
import type { MetricParts } from './metric-readers.ts';
import { migrationHandlers } from './migration-handlers.ts';
import { describeApi } from './openapi.ts';
import { removalHandlers } from './removal-handlers.ts';
import { type AdapterTools, renewalHandlers } from './renewal-handlers.ts';
import type { Handlers } from './routes.ts';
import { settingHandlers } from './setting-handlers.ts';
import { alarmViews, telemetryHandlers } from './telemetry-handlers.ts';
import type { UpdateDesk } from './update-desk.ts';
import { updateHandlers } from './update-handlers.ts';
import { type UpstreamTools, upstreamHandlers } from './upstream-handlers.ts';
import { instanceView } from './views.ts';

export interface HandlerOptions {
  readonly registry: InstanceRegistry;
  readonly roots: TrustedRoots;
  readonly movingHouse: MovingHouse;
  readonly changing: Changing;
  readonly removing: Removing;
  readonly renewing: Renewing;
  readonly importing: Importing;
  readonly uses: UseTracker;
  readonly keys: KeyService;
  readonly store: Store;
  readonly cache: KeyCache;
  readonly certificates: ServerCertificates;
  /** Default: RSA-2048. */
  readonly clientKeyType?: KeyType | undefined;
  readonly endings: EndingParts;
  readonly listener: Pick<MetricParts['listener'] & HealthParts['listener'], 'connections' | 'listening'> & {
    readonly host: string;
    readonly port: number;
  };
  readonly https: { readonly state: HttpsState };
  readonly access: AccessParts;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly dataDirectory: string;
  readonly defaultLease: LeaseTerm;
  readonly identities: Identities;
  readonly telemetry: Telemetry;
  readonly metering: Pick<MetricParts, 'calls' | 'maximumKeys' | 'database'>;
  readonly doctor: DoctorHandlerParts['doctor'];
  readonly support: DoctorHandlerParts['support'];
  readonly tools: UpstreamTools & AdapterTools;
  readonly backups: BackupTools;
  readonly damage: Damage;
  readonly audit: Audit;
  readonly settings: SettingsFile;
  readonly updates: UpdateDesk;
  readonly seal: Pick<Handlers, keyof typeof sealRoutes>;
}

/** The handlers over running parts. */
export const adminHandlers = (options: HandlerOptions): Handlers => {
  const { registry, clock } = options;
  const startedAt = new Date(clock.now()).toISOString();
  const instances = () => registry.instances().map((instance) => instanceView(options, instance));
  const tellers = {
    status: () => statusView(options, startedAt, instances()),
    ...telemetryHandlers(options),
    ...healthHandlers({ ...options, metricParts: { ...options, ...options.metering } }),
    'appliance.show': () => applianceView({ ...options, ...options.metering }, startedAt),
  };
  return {
    ...tellers,
    ...doctorHandlers(options, tellers),
    openapi: () => describeApi(options.version),
    ...accessHandlers(options.access),
    'instance.list': instances,
    'instance.create': (wanted) => createInstance(options, wanted),
    ...instanceHandlers({ ...options, listRootKeys: options.tools.listRootKeys }),
    ...removalHandlers(options),
    ...exportHandlers(options),
    ...upstreamHandlers(options),
    ...renewalHandlers(options.renewing, options.tools),
    ...migrationHandlers(options.movingHouse),
    ...backupHandlers(options.backups, options),
    ...auditHandlers(options),
    ...settingHandlers(options.settings),
    ...updateHandlers(options.updates, options.version),
    // What there is to do is the record, which every act leaves.
    'machine.record': () => ({}),
    ...clientHandlers({
      registry,
      roots: options.roots,
      uses: options.uses,
      authority: () => options.certificates.authority,
      clock,
      keyType: options.clientKeyType,
    }),
    ...certificateHandlers({ ...options.endings, certificates: options.certificates, clock }),
    ...keyHandlers(options),
    ...options.seal,
  };
};

const statusView = (options: HandlerOptions, startedAt: string, instances: readonly InstanceView[]): StatusView => {
  const { certificates, listener, https, access, store, cache, clock, dataDirectory, version, telemetry } = options;
  const now = clock.now();
  return {
    ready: true,
    version,
    startedAt,
    dataDirectory,
    kmip: { host: listener.host, port: listener.port, connections: listener.connections },
    https: { ...https.state, passwordSet: access.password.isSet },
    certificate: certificateView(readCertificate(certificates.current.certificatePem), now),
    endings: certificateWarnings(options.endings, now),
    seal: store.slots.slots().map(({ kind }) => kind),
    keysInMemory: cache.size,
    instances,
    backup: backupMoments(options.backups, options.damage),
    alarms: alarmViews(telemetry),
  };
};

/** At a KMIP endpoint the instance is known by the identity that was made for its name. */
const createInstance = async (
  options: HandlerOptions,
  { lease, settings: given, ...wanted }: Input['instance.create'],
): Promise<InstanceView> => {
  const { registry, identities } = options;
  const identity = wanted.upstream === 'kmip' && !('privateKey' in given) ? identities.find(wanted.name) : undefined;
  const own = identity && { certificate: identity.certificatePem, privateKey: identity.privateKeyPem.reveal() };
  const instance = await registry.create({
    ...wanted,
    settings: { ...given, ...own },
    lease: lease ?? options.defaultLease,
  });
  if (identity) await identities.forget(wanted.name);
  return instanceView(options, instance);
};
