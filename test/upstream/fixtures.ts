// Bodies of Key Protect as its documentation and the tests of IBM's Go client print them, by the letters of our notes
// (facts/key-protect-bodies.md). None is a recording of the service.

const info = 'https://cloud.ibm.com/apidocs/key-protect';

export const errorBody = (errorMsg: string, reasons?: readonly object[]): object => ({
  metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
  resources: [{ errorMsg, ...(reasons === undefined ? {} : { reasons }) }],
});

const reason = (code: string, message: string, status: number | undefined, target?: object): object => ({
  code,
  message,
  ...(status === undefined ? {} : { status }),
  moreInfo: info,
  ...(target === undefined ? {} : { target }),
});

export const fixtures = {
  C1: errorBody('Unauthorized: The user does not have access to the specified resource'),
  C2: errorBody(
    'Unauthorized: Either the user does not have access to the specified resource, the resource does not exist, or the region is incorrectly set',
  ),
  C3: errorBody(
    'Bad Request: Wrap with key could not be performed: Please see `reasons` for more details (INVALID_FIELD_ERR)',
    [
      reason(
        'INVALID_FIELD_ERR',
        'The field `plaintext` must be: a base64 encoded key material: illegal base64 data at input byte 38',
        400,
        { type: 'field', name: 'plaintext' },
      ),
    ],
  ),
  C4: errorBody(
    "Bad Request: Unwrap with key could not be performed: Please see 'reasons' for more details (INVALID_FIELD_ERR)",
    [
      reason(
        'INVALID_FIELD_ERR',
        "The field 'ciphertext' must be: the original base64 encoded ciphertext from the wrap operation: illegal base64 data at input byte 208",
        400,
        { type: 'field', name: 'ciphertext' },
      ),
    ],
  ),
  C5: errorBody("Not Found: Key could not be retrieved: Please see 'reasons' for more details (KEY_NOT_FOUND_ERR)", [
    reason('KEY_NOT_FOUND_ERR', 'key does not exist', 404),
  ]),
  C6: errorBody(
    'Conflict: Key is not in active state: Key could not be disabled. Please see `reasons` for more details.',
    [reason('KEY_ACTION_INVALID_STATE_ERR', 'Key is not in a valid state', 409)],
  ),
  C7: errorBody(
    'Conflict: Unwrap with key could not be performed: Please see `reasons` for more details (KEY_ACTION_INVALID_STATE_ERR)',
    [reason('KEY_ACTION_INVALID_STATE_ERR', 'Key is not in a valid state', 409)],
  ),
  C8: errorBody('Gone: Key could not be deleted. Please see `reasons` for more details.', [
    reason('KEY_DELETED_ERR', 'Key has already been deleted. Please delete references to this key.', 410),
  ]),
  C8b: errorBody(
    "Gone: The key has been deleted and is no longer available.Please provide a valid key when performing an 'unwrap' action",
  ),
  C9: errorBody('Unprocessable Entity: Invalid ciphertext', [
    reason('UNPROCESSABLE_CIPHERTEXT_ERR', 'The provided ciphertext is invalid or corrupted', 422),
  ]),
  C10: errorBody('Conflict: Action could not be performed on key. Please see reasons for more details.', [
    reason(
      'KEY_ROTATION_NOT_PERMITTED',
      "This root key has been rotated within the last hour. Only one 'rotate' action per hour is permitted",
      409,
    ),
  ]),
  C11: errorBody("Conflict: Key could not be purged: Please see 'reasons' for more details (REQ_TOO_EARLY_ERR)", [
    reason('REQ_TOO_EARLY_ERR', 'The key was updated recently: Please wait and try again', 409),
  ]),
  C13: errorBody('Conflict: Action could not be performed on key. Please see reasons for more details.', [
    reason('PROTECTED_RESOURCE_ERR', 'Key is protecting one or more cloud resources', undefined),
  ]),
  C14: errorBody('Conflict: Action could not be performed on key. Please see reasons for more details.', [
    reason('PREV_KEY_DEL_ERR', 'The key cannot be deleted because it is protecting a cloud resource', undefined),
  ]),
  C15: errorBody(
    "Bad Request: Key could not be rotated: Please see 'reasons' for more details (INVALID_QUERY_PARAM_ERR)",
    [
      reason('INVALID_QUERY_PARAM_ERR', "The query_param 'payload' must be: provided only if key is imported", 400, {
        type: 'query_param',
        name: 'payload',
      }),
    ],
  ),
  C18: errorBody('Bad Request: Key could not be created: Please see reasons for more details (KEY_ROOT_REQ_ERR)', [
    reason('KEY_ROOT_REQ_ERR', 'Requested action can only be completed with a root key', 400),
  ]),
  C19: errorBody('Bad Request: Instance policy could not be created. Please see reasons for more details.', [
    reason(
      'BAD_BODY_ERR',
      'Invalid body data was passed: json: unknown field "attributes"%!(EXTRA []string=[])',
      undefined,
    ),
  ]),
  D3: { errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found', context: { requestId: '1234' } },
  X1: {
    metadata: { collectionTotal: 1, collectionType: 'application/vnd.ibm.kms.key+json' },
    resources: [
      {
        plaintext: 'tF9ss0W9HQUVkddcjSeGg/MqZFs2CVh/FFKLPLLnOwY=',
        ciphertext: 'eyJjaXBoZXJ0ZXh0Ijoic1ZZ\\ RDVythU0h3',
        keyVersion: { id: 'f4877b07-40b4-4307-a306-eb98eeeea590', creationDate: '2010-01-12T05:23:19+0000' },
      },
    ],
  },
  X2: {
    metadata: { collectionTotal: 1, collectionType: 'application/vnd.ibm.kms.key+json' },
    resources: [
      {
        plaintext: 'tF9ss0W9HQUVkddcjSeGg/MqZFs2CVh/FFKLPLLnOwY=',
        keyVersion: { id: 'f4877b07-40b4-4307-a306-eb98eeeea590', creationDate: '2010-01-12T05:23:19+0000' },
      },
    ],
  },
  X3: errorBody('Unauthorized: The user does not have access to the specified resource'),
} as const;
