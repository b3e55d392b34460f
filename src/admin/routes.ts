// The routes of the table on a server: whichever way a request came, it is validated by the same schemas, admitted by the
// same roles, told to who records, and its errors become problems in this one place.

import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EdgeError, type ErrorKind } from '../errors.ts';
import type { Log } from '../log.ts';
import { peerAddress } from '../peer-address.ts';
import { preferred } from './accept.ts';
import { type Actor, nobody } from './actor.ts';
import { type Act, type OnAct, subjectOf } from './acts.ts';
import { type Role, type Route, roles } from './api/schema.ts';
import { type Input, type Output, type RouteName, routes } from './api/table.ts';
import { type Refusal, refusalOf, sendRefusal } from './problem.ts';
import { createQuietActs } from './quiet-acts.ts';
import { validatorOf } from './validator.ts';

/** What a handler gives: what the table says, or the bytes of its media type. */
export type Answer<R extends RouteName> = (typeof routes)[R] extends { readonly media: string }
  ? string | Uint8Array | Readable
  : Output[R];

/** One handler for each route of the table. */
export type Handlers = {
  readonly [R in RouteName]: (
    input: Input[R],
    actor: Actor,
    visit?: Visit,
    /** The media type that was chosen, where the table knows any. */
    media?: string,
  ) => Promise<Answer<R>> | Answer<R>;
};

/** What is the same for every route. */
export const forEachRoute = <T>(same: T): Readonly<Record<RouteName, T>> =>
  Object.fromEntries(routeNames.map((route) => [route, same])) as Record<RouteName, T>;

/** The session of whoever came by HTTPS; the routes of sessions alone need it. On the Unix socket nobody signs in. */
export interface Visit {
  /** The identifier in the cookie, whether it counts or not. */
  readonly sessionId: string | undefined;
  /** Hands over a session, or takes it away. */
  readonly keep: (sessionId: string | undefined) => void;
  /** Who they turned out to be. */
  actor?: Actor;
}

export interface RouteOptions {
  readonly handlers: Handlers;
  readonly log: Log;
  /** Who asks; `nobody` for who showed nothing. Throws for who showed what is wrong. */
  readonly actorOf: (request: FastifyRequest, needed: Role) => Actor;
  /** Absent where nobody signs in. */
  readonly visitOf?: (request: FastifyRequest, reply: FastifyReply) => Visit;
  readonly onAct?: OnAct | undefined;
  /** Carries out what changes something. */
  readonly perform?: Perform | undefined;
  /** Told how each request of a route ended. */
  readonly onEnd?: OnEnd | undefined;
}

/** Runs the work of an act and gives what it gives; `act` tells what is done, once it is known who does it. */
export type Perform = <T>(act: () => Act, work: () => Promise<T> | T) => Promise<T>;

export type OnEnd = (route: RouteName, result: 'success' | ErrorKind) => void;

const emptyStatus = 204;
const routeNames = Object.keys(routes) as readonly RouteName[];

/** Adds every route of the table to `app`. */
export const addRoutes = (app: FastifyInstance, options: RouteOptions): void => {
  const { log, onAct = () => {} } = options;
  const tell = createQuietActs(onAct);
  for (const route of routeNames) addRoute(app, route, options, tell);
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error, log);
    const route = visitors.get(request)?.route;
    if (route !== undefined) options.onEnd?.(route, refusal.problem.kind);
    await tellRefusal(request, refusal, tell, log);
    return sendRefusal(reply, refusal);
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const message = `there is no ${request.method} ${path.slice(0, 200)}`;
    return sendRefusal(reply, { status: 404, problem: { kind: 'item-not-found', message } });
  });
};

const addRoute = <R extends RouteName>(app: FastifyInstance, name: R, options: RouteOptions, tell: OnAct): void => {
  const { handlers, actorOf, visitOf, onEnd, perform = async (_, work) => work() } = options;
  const { method, path, input, role } = routes[name];
  const row: Route = routes[name];
  const isGet = method === 'GET';
  app.route({
    method,
    url: path,
    exposeHeadRoute: false,
    ...(row.bodyLimit === undefined ? {} : { bodyLimit: row.bodyLimit }),
    schema: isGet ? { querystring: input } : { body: input },
    validatorCompiler: () => validatorOf(input, isGet),
    // Before the body is read: who may not ask learns nothing of what could be asked.
    onRequest: async (request) => {
      const visitor: Visitor = { route: name, actor: nobody(peerAddress(request.socket)) };
      visitors.set(request, visitor);
      visitor.actor = actorOf(request, role);
      requireRole(visitor.actor, role, name);
    },
    handler: async (request, reply) => {
      const actor = visitors.get(request)?.actor ?? notAdmitted();
      const given = (isGet ? request.query : request.body) as Input[R];
      const visit = visitOf?.(request, reply);
      const media = mediaOf(row, request.headers.accept);
      const work = () => handlers[name](given, actor, visit, media);
      const act = (): Act => {
        return { actor: visit?.actor ?? actor, route: name, subject: subjectOf(given), outcome: 'done' };
      };
      const isRecorded = !isGet && row.isPiece !== true;
      const answer = isRecorded ? await perform<Answer<R>>(act, work) : await work();
      if (isRecorded) await tell(act());
      onEnd?.(name, 'success');
      if (media !== undefined) reply.type(media);
      else if (answer === undefined) reply.code(emptyStatus);
      return answer;
    },
  });
};

type Media = Pick<Route, 'media' | 'otherMedia'>;

const mediaOf = ({ media, otherMedia }: Media, accept: string | undefined): string | undefined =>
  media === undefined || otherMedia === undefined ? media : preferred(accept, media, otherMedia);

interface Visitor {
  readonly route: RouteName;
  actor: Actor;
}

const visitors = new WeakMap<FastifyRequest, Visitor>();

const notAdmitted = (): never => {
  throw new EdgeError('not-authenticated', 'nobody asks');
};

const requireRole = (actor: Actor, needed: Role, route: RouteName): void => {
  if (roles.indexOf(actor.role) >= roles.indexOf(needed)) return;
  if (actor.kind === 'nobody') {
    throw new EdgeError('not-authenticated', `${route} needs ${needed}, and nobody is signed in`, {
      hint: 'sign in with POST /v1/session, or send a token: Authorization: Bearer kme_…',
    });
  }
  throw new EdgeError('permission-denied', `${actor.kind} '${actor.name}' is ${actor.role}; ${route} needs ${needed}`);
};

const refusals = ['not-authenticated', 'permission-denied', 'too-many-attempts'] as const;

/** A request that would have changed something, and any that was refused. Who asked has the refusal already: it stands. */
const tellRefusal = async (request: FastifyRequest, { problem }: Refusal, tell: OnAct, log: Log): Promise<void> => {
  const visitor = visitors.get(request);
  const refused = (refusals as readonly string[]).includes(problem.kind);
  if (!visitor || (request.method === 'GET' && !refused)) return;
  const { kind, message } = problem;
  const act: Act = {
    ...visitor,
    subject: subjectOf(request.body),
    outcome: refused ? 'refused' : 'failed',
    kind,
    problem: message,
  };
  try {
    await tell(act);
  } catch (error) {
    log.error('a refusal could not be recorded', { problem: String(error), route: visitor.route });
  }
};
