// A simulated IAM: API keys with a service role in one instance, and tokens that end.

import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Answer } from './answers.ts';

/** Service roles by power; `none` is an API key of the account without any access to the instance. */
const ranked = ['none', 'Reader', 'ReaderPlus', 'Writer', 'Manager'] as const;
/** KmipAdapterManager is beside them: all of KMIP adapters, and nothing of keys. */
export type Role = (typeof ranked)[number] | 'KmipAdapterManager';

const rankOf = (role: Role): number => (role === 'KmipAdapterManager' ? 0 : ranked.indexOf(role));

/** Whether a caller with `role` may do what `needed` may (manage-access.md). */
export const mayAct = (role: Role, needed: Role): boolean =>
  needed === 'KmipAdapterManager' ? role === needed || role === 'Manager' : rankOf(role) >= rankOf(needed);

export interface Identity {
  readonly apiKey: string;
  readonly instanceId: string;
  role: Role;
}

export type TokenVerdict = Identity | 'unknown' | 'expired';

export interface SimulatedIam {
  addApiKey(instanceId: string, role: Role): string;
  setRole(apiKey: string, role: Role): void;
  removeApiKey(apiKey: string): void;
  /** The answer to a token request with this form body. */
  token(form: string): Answer;
  identify(authorization: string | undefined): TokenVerdict;
  /** From now on all tokens given so far are unknown to Key Protect. */
  revokeTokens(): void;
  /** From now on all tokens given so far have ended. */
  expireTokens(): void;
  setTokenLife(seconds: number): void;
}

const grantType = 'urn:ibm:params:oauth:grant-type:apikey';

const iamError = (errorCode: string, errorMessage: string): Answer => ({
  status: 400,
  body: { errorCode, errorMessage, context: { requestId: randomUUID(), requestType: 'incoming.Identity_Token' } },
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JSON Web Token, as IBM's SDK reads the times in it. */
const makeJwt = (signer: Buffer, issuedAt: number, life: number): string => {
  const claims = { iam_id: 'iam-ServiceId-simulated', jti: randomUUID(), iat: issuedAt, exp: issuedAt + life };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', signer).update(signed).digest('base64url')}`;
};

export const createIam = (now: () => number, firstLife: number): SimulatedIam => {
  const identities = new Map<string, Identity>();
  const tokens = new Map<string, { identity: Identity; endsAt: number }>();
  const signer = randomBytes(32);
  let lifeSeconds = firstLife;

  const issue = (identity: Identity): Answer => {
    const text = makeJwt(signer, Math.floor(now() / 1000), lifeSeconds);
    tokens.set(text, { identity, endsAt: now() + lifeSeconds * 1000 });
    return {
      status: 200,
      body: {
        access_token: text,
        refresh_token: 'not_supported',
        ims_user_id: 118,
        token_type: 'Bearer',
        expires_in: lifeSeconds,
        expiration: Math.floor(now() / 1000) + lifeSeconds,
        scope: 'ibm openid',
      },
    };
  };

  return {
    addApiKey: (instanceId, role) => {
      const apiKey = randomBytes(33).toString('base64url');
      identities.set(apiKey, { apiKey, instanceId, role });
      return apiKey;
    },
    setRole: (apiKey, role) => {
      const identity = identities.get(apiKey);
      if (identity !== undefined) identity.role = role;
    },
    removeApiKey: (apiKey) => void identities.delete(apiKey),
    token: (form) => {
      const fields = new URLSearchParams(form);
      if (fields.get('grant_type') !== grantType)
        return iamError('BXNIM0109E', 'Property missing or empty: grant_type');
      const identity = identities.get(fields.get('apikey') ?? '');
      return identity === undefined ? iamError('BXNIM0415E', 'Provided API key could not be found.') : issue(identity);
    },
    identify: (authorization) => {
      const found = tokens.get(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
      if (found === undefined) return 'unknown';
      return now() < found.endsAt ? found.identity : 'expired';
    },
    revokeTokens: () => tokens.clear(),
    expireTokens: () => {
      for (const token of tokens.values()) token.endsAt = 0;
    },
    setTokenLife: (seconds) => {
      lifeSeconds = seconds;
    },
  };
};
