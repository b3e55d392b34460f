// The operations that this server offers. Adding one is a file and a line.

import type { PayloadOperation } from '../kmip/payloads/table.ts';
import { activate } from './activate.ts';
import { addAttribute } from './add-attribute.ts';
import { adjustAttribute } from './adjust-attribute.ts';
import { archive } from './archive.ts';
import { check } from './check.ts';
import { create } from './create.ts';
import { createKeyPair } from './create-key-pair.ts';
import { decrypt } from './decrypt.ts';
import { deleteAttribute } from './delete-attribute.ts';
import { deriveKey } from './derive-key.ts';
import { destroy } from './destroy.ts';
import { discoverVersions } from './discover-versions.ts';
import { encrypt } from './encrypt.ts';
import { exportObject } from './export.ts';
import { get } from './get.ts';
import { getAttributeList } from './get-attribute-list.ts';
import { getAttributes } from './get-attributes.ts';
import { getUsageAllocation } from './get-usage-allocation.ts';
import type { Handler } from './handler.ts';
import { hash } from './hash.ts';
import { importObject } from './import.ts';
import { interop } from './interop.ts';
import { locate } from './locate.ts';
import { log } from './log.ts';
import { mac } from './mac.ts';
import { macVerify } from './mac-verify.ts';
import { modifyAttribute } from './modify-attribute.ts';
import { obtainLease } from './obtain-lease.ts';
import { ping } from './ping.ts';
import { query } from './query.ts';
import { reKey } from './re-key.ts';
import { reKeyKeyPair } from './re-key-key-pair.ts';
import { recover } from './recover.ts';
import { register } from './register.ts';
import { revoke } from './revoke.ts';
import { rngRetrieve } from './rng-retrieve.ts';
import { rngSeed } from './rng-seed.ts';
import { setAttribute } from './set-attribute.ts';
import { sign } from './sign.ts';
import { signatureVerify } from './signature-verify.ts';

/** Each operation's handler; one without a row does not compile. */
export const handlers: { readonly [O in PayloadOperation]: Handler<O> } = {
  Activate: activate,
  AddAttribute: addAttribute,
  AdjustAttribute: adjustAttribute,
  Archive: archive,
  Check: check,
  Create: create,
  CreateKeyPair: createKeyPair,
  Decrypt: decrypt,
  DeleteAttribute: deleteAttribute,
  DeriveKey: deriveKey,
  Destroy: destroy,
  DiscoverVersions: discoverVersions,
  Encrypt: encrypt,
  Export: exportObject,
  Get: get,
  GetAttributeList: getAttributeList,
  GetAttributes: getAttributes,
  GetUsageAllocation: getUsageAllocation,
  Hash: hash,
  Import: importObject,
  Interop: interop,
  Locate: locate,
  Log: log,
  MAC: mac,
  MACVerify: macVerify,
  ModifyAttribute: modifyAttribute,
  ObtainLease: obtainLease,
  Ping: ping,
  Query: query,
  Recover: recover,
  Register: register,
  ReKey: reKey,
  ReKeyKeyPair: reKeyKeyPair,
  Revoke: revoke,
  RNGRetrieve: rngRetrieve,
  RNGSeed: rngSeed,
  SetAttribute: setAttribute,
  Sign: sign,
  SignatureVerify: signatureVerify,
};
