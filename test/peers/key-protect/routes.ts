// The routes of the simulated Key Protect by name, each with the role that manage-access.md asks for.

import { actOnKey, createKey, type KeyRequest, type KeyStore, keyActions, listKeys } from './actions.ts';
import { type AdapterStore, adapterActions } from './adapters.ts';
import { type Answer, bareRefusal, forbidden, noAccess, noResource } from './answers.ts';
import { mayAct, type Role, type SimulatedIam } from './iam.ts';

interface RouteRow {
  readonly method: string;
  readonly path: RegExp;
  readonly role: Role;
}

const onKey = (method: string, tail: string, role: Role): RouteRow => ({
  method,
  path: new RegExp(`^/api/v2/keys/([^/]+)${tail}$`),
  role,
});

const onAdapters = (method: string, tail: string): RouteRow => ({
  method,
  path: new RegExp(`^/api/v2/kmip_adapters${tail}$`),
  role: 'KmipAdapterManager',
});

export const routes = {
  wrap: onKey('POST', '/actions/wrap', 'Reader'),
  unwrap: onKey('POST', '/actions/unwrap', 'Reader'),
  rewrap: onKey('POST', '/actions/rewrap', 'Reader'),
  rotate: onKey('POST', '/actions/rotate', 'Writer'),
  enable: onKey('POST', '/actions/enable', 'Manager'),
  disable: onKey('POST', '/actions/disable', 'Manager'),
  restore: onKey('POST', '/restore', 'Manager'),
  delete: onKey('DELETE', '', 'Manager'),
  purge: onKey('DELETE', '/purge', 'Manager'), // in truth a role of its own, KeyPurge
  metadata: onKey('GET', '/metadata', 'Reader'),
  versions: onKey('GET', '/versions', 'Reader'),
  list: { method: 'GET', path: /^\/api\/v2\/keys$/, role: 'Reader' },
  create: { method: 'POST', path: /^\/api\/v2\/keys$/, role: 'Writer' },
  'list-adapters': onAdapters('GET', ''),
  'create-adapter': onAdapters('POST', ''),
  'read-adapter': onAdapters('GET', '/([^/]+)'),
  'delete-adapter': onAdapters('DELETE', '/([^/]+)'),
  'list-certificates': onAdapters('GET', '/([^/]+)/certificates'),
  'add-certificate': onAdapters('POST', '/([^/]+)/certificates'),
  'read-certificate': onAdapters('GET', '/([^/]+)/certificates/([^/]+)'),
  'delete-certificate': onAdapters('DELETE', '/([^/]+)/certificates/([^/]+)'),
} as const satisfies Record<string, RouteRow>;
export type KeyRoute = keyof typeof routes;
/** What is counted and where faults can be put: the routes, IAM's token route, and all that is none of them. */
export type Route = KeyRoute | 'token' | 'other';

const isKeyRoute = (name: string): name is KeyRoute => Object.hasOwn(routes, name);

export interface RouteMatch {
  readonly route: Route;
  readonly key: string;
  readonly part?: string;
}

/** The route of a request line; `other` where there is none. */
export const routeOf = (method: string, path: string): RouteMatch => {
  if (method === 'POST' && (path === '/identity/token' || path === '/oidc/token')) return { route: 'token', key: '' };
  for (const name of Object.keys(routes).filter(isKeyRoute)) {
    const match = routes[name].method === method ? routes[name].path.exec(path) : null;
    if (match === null) continue;
    const [, key = '', part] = match;
    const named = part === undefined ? {} : { part: decodeURIComponent(part) };
    return { route: name, key: decodeURIComponent(key), ...named };
  }
  return { route: 'other', key: '' };
};

export interface Service {
  readonly store: KeyStore;
  readonly adapters: AdapterStore;
  readonly iam: SimulatedIam;
  readonly instances: ReadonlySet<string>;
  /** How an ended token is answered: 400 in plain text (Go client's mocks) or 401. */
  readonly expiredTokenStatus: () => 400 | 401;
}

export interface ServiceRequest {
  readonly route: KeyRoute;
  readonly authorization: string | undefined;
  readonly request: KeyRequest;
}

const isAdapterAction = (route: string): route is keyof typeof adapterActions => Object.hasOwn(adapterActions, route);

const refuseCaller = (service: Service, { route, authorization, request }: ServiceRequest): Answer | undefined => {
  const caller = service.iam.identify(authorization);
  if (caller === 'unknown') return noAccess;
  if (caller === 'expired') {
    return service.expiredTokenStatus() === 400
      ? { status: 400, type: 'text/plain', body: 'Bad Request: Token is expired' }
      : noAccess;
  }
  if (!service.instances.has(request.instanceId) || caller.instanceId !== request.instanceId) return noResource;
  if (mayAct(caller.role, routes[route].role)) return undefined;
  // No document prints which of the two it is; with 403 beside 401 a client meets both.
  return isAdapterAction(route) ? forbidden : noAccess;
};

const isKeyAction = (route: string): route is keyof typeof keyActions => Object.hasOwn(keyActions, route);

const act = (service: Service, route: KeyRoute, request: KeyRequest): Answer => {
  if (isAdapterAction(route)) return adapterActions[route](service.adapters, request);
  if (isKeyAction(route)) return actOnKey(service.store, route, request);
  return route === 'list' ? listKeys(service.store, request) : createKey(service.store, request);
};

/** Key Protect's answer: first who asks, then what. */
export const serve = (service: Service, request: ServiceRequest): Answer => {
  if (request.request.instanceId === '') return bareRefusal(400, 'Bad Request: Bluemix-Instance header is missing');
  return refuseCaller(service, request) ?? act(service, request.route, request.request);
};
