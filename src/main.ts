// Wires the parts and holds the list of what starts and stops, in order. Nothing else happens here.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { forgetAccess } from './admin/access/forget.ts';
import type { PasswordCost } from './admin/access/password.ts';
import { allAlarms } from './admin/all-alarms.ts';
import { socketName } from './admin/api/table.ts';
import { readSchedule } from './admin/backup-handlers.ts';
import { shown, vaultStorage } from './admin/certificate-storage.ts';
import { CertificateWatch } from './admin/certificate-watch.ts';
import { Doctor } from './admin/doctor.ts';
import { defaultClientDirectory, firstStart } from './admin/first-start.ts';
import { adminHandlers } from './admin/handlers.ts';
import type { HttpsState } from './admin/https.ts';
import { Identities } from './admin/identities.ts';
import { openStorage } from './admin/open-storage.ts';
import { secretFiles } from './admin/secret-files.ts';
import { serveAdmin } from './admin/server.ts';
import { sealHandlers } from './admin/storage-seal.ts';
import { countedRecorder, telemetryStorage, upstreamSamples } from './admin/telemetry-ends.ts';
import { UpdateDesk, type UpdatePlaces } from './admin/update-desk.ts';
import { auditOptions, openAudit } from './audit/audit.ts';
import { serverEvent } from './audit/events.ts';
import { createLogRecorder } from './audit/log-recorder.ts';
import { verifyEnd } from './audit/verify-store.ts';
import { fileNames } from './backup/manifest.ts';
import { cleanAfterRestore } from './backup/restore.ts';
import { recordRestorations } from './backup/restored.ts';
import { readCertificate } from './ca/certificate.ts';
import { displayFingerprint } from './ca/fingerprint.ts';
import type { KeyType } from './ca/key-pair.ts';
import { createCertificateReader } from './ca/read-once.ts';
import { openServerCertificates } from './ca/server-certificates.ts';
import { createKeyCache } from './cache/key-cache.ts';
import { type Clock, systemClock } from './clock.ts';
import { reloadSettings } from './config/reload.ts';
import { type Config, settingsOf } from './config/settings.ts';
import { SettingsFile, type SettingsFileOptions, settingsFileName } from './config/settings-file.ts';
import { noCoreDumps } from './core-dumps.ts';
import { Damage } from './damage.ts';
import { messageOf } from './errors.ts';
import { Changing } from './instances/changing.ts';
import { kindNamed, rootKeyOf } from './instances/open-authority.ts';
import { InstanceRegistry } from './instances/registry.ts';
import { Renewing } from './instances/renewing.ts';
import type { Log } from './log.ts';
import { handlers as operations } from './operations/table.ts';
import { passedSockets } from './passed-sockets.ts';
import type { Secret } from './secret.ts';
import { createAnswerer } from './server/answer.ts';
import { callerLookup } from './server/caller-lookup.ts';
import { type Listener, listen } from './server/listener.ts';
import { recordRefusedConnections } from './server/refused-connections.ts';
import { openSqliteStore } from './store/sqlite/open.ts';
import { ClockCheck } from './telemetry/clock-check.ts';
import { snapshotProblems } from './telemetry/doctor/database.ts';
import { createLogRing } from './telemetry/log-ring.ts';
import { Meters } from './telemetry/meters.ts';
import { createServiceManager } from './telemetry/service-manager.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { version } from './version.ts';
import { openBackups } from './wiring/backups.ts';
import { type Closing, type Own, openCustody } from './wiring/custody.ts';
import { openManagement } from './wiring/management.ts';
import { setUpTools } from './wiring/set-up-tools.ts';
import { type UpstreamKindParts, upstreamKinds } from './wiring/upstream-kinds.ts';

export interface ServeOptions {
  readonly dataDirectory: string;
  readonly config: Config;
  /** Where `config` comes from; default: the file in the data directory alone. */
  readonly settings?: Omit<SettingsFileOptions, 'onChange'>;
  readonly log: Log;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly recoveryPassphrase?: Secret | undefined;
  /** Set where no administrator password is. */
  readonly adminPassword?: Secret | undefined;
  /** Where no slot opens the storage key: wait, reachable by the management API, until somebody opens it. */
  readonly waitWhenLocked?: boolean;
  /** Default: what RFC 9106 recommends. */
  readonly passwordCost?: PasswordCost;
  /** scrypt's cost in what is closed with a passphrase here, as a power of two; default: 17. */
  readonly passphraseWork?: number | undefined;
  /** Default: where the appliance has them. */
  readonly updatePlaces?: UpdatePlaces | undefined;
  /** Of the keys that are made here, clients' too; default: as `server.keyType` says, and RSA-2048 for clients. */
  readonly keyType?: KeyType | undefined;
}

export interface RunningServer {
  readonly listener: Listener;
  readonly https: HttpsState;
  /** The server certificate's fingerprints, as vCenter shows them. */
  readonly certificate: { readonly sha1: string; readonly sha256: string };
  readonly dataDirectory: string;
  /** The files of the client that the first start makes, as long as they are there. */
  readonly clientDirectory: string | undefined;
  /** Reads the settings anew; the log tells what became of it. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export { examine, type RestoreReport, type RestoreRequest, restore } from './wiring/without-server.ts';

/** Starts everything; an error undoes what had started. */
export const serve = async (options: ServeOptions): Promise<RunningServer> => {
  const started: Closing[] = [];
  const own: Own = (part) => {
    started.push(part);
    return part;
  };
  const close = async (): Promise<void> => {
    for (const part of started.splice(0).reverse()) {
      try {
        await part.close();
      } catch (error) {
        // The store is the last to close, and must be closed whatever went wrong before it.
        options.log.error('a part did not close cleanly', { problem: messageOf(error) });
      }
    }
  };
  try {
    return { ...(await start(options, own)), close };
  } catch (error) {
    await close();
    throw error;
  }
};

const start = async (options: ServeOptions, own: Own): Promise<Omit<RunningServer, 'close'>> => {
  const { config, environment, recoveryPassphrase, clock = systemClock } = options;
  const logRing = createLogRing(options.log, () => clock.now());
  const { log } = logRing;
  noCoreDumps(log);
  const damage = new Damage(log);
  const dataDirectory = resolve(options.dataDirectory);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });

  await cleanAfterRestore(dataDirectory);
  const store = own(openSqliteStore(join(dataDirectory, fileNames.database)));
  const manager = createServiceManager({ environment, clock, log });
  const sockets = passedSockets(environment);
  const clockCheck = own(new ClockCheck({ environment, clock, log }));
  const clockChecked = clockCheck.wait();
  const meters = new Meters(Object.keys(operations));
  const meter: UpstreamKindParts['meter'] = (...call) => meters.upstream(...call);
  const { upstreams, keyProtect } = upstreamKinds({ config, clock, log, meter });
  const { storageKey, sealer, seal } = await openStorage({
    ...{ store, dataDirectory, environment, recoveryPassphrase, version, clock, log, damage, manager, sockets },
    ...{ config: { admin: config.admin, server: config.server }, wait: options.waitWhenLocked ?? false },
    openRootKey: rootKeyOf(upstreams),
  });
  // What is dated from here on, and what is dropped for its age, goes by this clock.
  await clockChecked;
  const audit = await openAudit({
    store,
    sealer,
    clock,
    log,
    damage,
    ...auditOptions(config.audit),
    instanceName: (id) => registry.nameOf(id),
    isClockTrusted: () => clockCheck.isTrusted,
    observers: [countedRecorder(createLogRecorder(log), meters.kmip)],
  });
  own(audit);
  audit.trail.record(serverEvent('server.start', { version, reads: config.audit.reads ? 'recorded' : 'not recorded' }));
  // The next start tells it then: a disk that takes no change must not keep the keys from being served.
  await recordRestorations(store, damage).catch((error: unknown) =>
    log.error('the audit trail was not told of a restored backup', { problem: messageOf(error) }),
  );
  await forgetAccess(dataDirectory, store, audit.trail);
  const certificates = await openServerCertificates({
    storage: vaultStorage(store, sealer),
    clock,
    names: config.server.names,
    keyType: options.keyType ?? config.server.keyType,
    damage,
  });

  const cache = createKeyCache(config.cache.maximumKeys);
  const { regional } = config;
  const { pollInterval } = config.upstream;
  // Before anything is recorded of an instance: its name comes from here.
  const registry = own(new InstanceRegistry({ store, sealer, cache, upstreams, clock, log, pollInterval, regional }));
  const custody = await openCustody({ registry, store, cache, clock, log, config, own, recorder: audit.trail, damage });
  const { roots, uses, keys } = custody;

  const endings = { certificates, registry, roots, read: createCertificateReader() };
  const { maker, jobs, schedule } = await openBackups({
    ...{ store, sealer, storageKey, dataDirectory, version, clock, log, damage },
    authority: certificates.authority.certificatePem,
    settings: config.backup,
    examine: snapshotProblems,
  });
  own(jobs);
  own(schedule);
  const settings = new SettingsFile({
    path: join(dataDirectory, settingsFileName),
    ours: true,
    overrides: {},
    ...options.settings,
    onChange: ({ backup }) => schedule.configure(backup),
  });
  await settings.start();

  const updates = own(new UpdateDesk(options.updatePlaces));
  updates.start(audit.trail, log);

  const telemetry = new Telemetry({
    meter: meters.kmip,
    clock,
    log,
    storage: telemetryStorage(store, damage),
    upstreams: () => upstreamSamples(registry),
    onAlarm: (what, { name, subject, severity, what: problem }) =>
      audit.trail.record(serverEvent(`alarm.${what}`, { alarm: name, subject, severity, problem })),
    alarmSources: allAlarms({
      ...{ registry, store, audit, endings, schedule, updates },
      dataDirectory,
      clock,
      seal,
      clockCheck,
      damage,
    }),
  });
  own(telemetry);

  const { kmip, tls } = config;
  const listener = await listen({
    settings: { ...kmip, ...kmip.listen, ...tls },
    passed: sockets.take('kmip'),
    identity: shown(certificates.current),
    clock,
    log,
    callerOf: callerLookup({
      clientOf: (fingerprint) => registry.clientOf(fingerprint) ?? roots.clientOf(fingerprint),
    }),
    vouch: (certificate, address) => roots.admit(certificate, address),
    answer: createAnswerer({ keys, uses, clock, log, meter: meters.kmip }),
    meter: meters.kmip,
    strangers: recordRefusedConnections(audit.trail),
  });
  own(listener);

  const { access, https, ends } = await openManagement({
    ...{ config, store, sealer, certificates, clock, log, damage },
    trail: audit.trail,
    passed: () => sockets.take('page'),
    passwordCost: options.passwordCost,
    adminPassword: options.adminPassword,
    onEnd: (route, result) => meters.management.called('', route, result),
  });
  own(access.tokens);
  own(https);
  certificates.onActivate((next) => {
    listener.setIdentity(shown(next));
    https.setIdentity(shown(next));
  });
  own(new CertificateWatch(endings, clock, log)).start();

  const database = join(dataDirectory, fileNames.database);
  const doctor = new Doctor({
    registry,
    store,
    telemetry,
    clock,
    dataDirectory,
    database,
    secretFiles,
    collector: () => audit.forwarder?.collector,
    verifyAudit: () => verifyEnd({ trail: store.trail, keys: audit.keys }),
    listener,
    https,
    targetsOf: (kind, stored) => kindNamed(upstreams, kind).targets(stored),
  });
  own(doctor);

  const socketPath = join(dataDirectory, socketName);
  const handlers = adminHandlers({
    ...custody,
    changing: new Changing({ registry, store, cache, clock, log }),
    renewing: new Renewing({ registry, store, sealer, clock, log }),
    store,
    cache,
    certificates,
    clientKeyType: options.keyType,
    endings,
    listener,
    https,
    access,
    clock,
    log,
    version,
    dataDirectory,
    defaultLease: config.offline.lease,
    identities: new Identities({ store, sealer, clock }),
    telemetry,
    metering: { calls: meters, maximumKeys: config.cache.maximumKeys, database },
    doctor,
    support: { settings: () => settingsOf(config), logLines: () => logRing.lines(), environment },
    tools: setUpTools(clock, keyProtect),
    seal: sealHandlers(seal, registry),
    backups: { maker, jobs, schedule, passphraseWork: options.passphraseWork },
    audit,
    damage,
    settings,
    updates,
  });
  await firstStart({ store, sealer, registry, handlers, dataDirectory });
  own({ close: () => rmSync(socketPath, { force: true }) });
  own(await serveAdmin({ socketPath, handlers, log, ...ends }));
  await https.open(handlers);
  telemetry.start();
  if (readSchedule(schedule, damage)) schedule.start();
  const status = () => `${listener.connections} KMIP connections, ${cache.size} keys in memory`;
  await manager.ready(status);
  own(manager);
  const clientDirectory = defaultClientDirectory(dataDirectory);
  const certificate = readCertificate(certificates.current.certificatePem);
  return {
    listener,
    https: https.state,
    certificate: {
      sha1: displayFingerprint(certificate.fingerprintSha1),
      sha256: displayFingerprint(certificate.fingerprintSha256),
    },
    dataDirectory,
    clientDirectory: existsSync(join(clientDirectory, 'client.pem')) ? clientDirectory : undefined,
    reload: () => manager.reload(() => reloadSettings(settings, log)),
  };
};
