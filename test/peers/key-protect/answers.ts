// How Key Protect words its answers: envelopes of keys and of errors, as its documentation prints them.

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const mediaType = (name: string): string => `application/vnd.ibm.kms.${name}+json`;

export const envelope = (name: string, resources: readonly unknown[], extra: object = {}): object => ({
  metadata: { collectionType: mediaType(name), collectionTotal: resources.length, ...extra },
  resources,
});

const words: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  410: 'Gone',
  422: 'Unprocessable Entity',
};

/** An error with a reason code. `what` is the part such as "Unwrap with key could not be performed". */
export const refusal = (
  status: number,
  code: string,
  what: string,
  message: string,
  target?: { type: string; name: string },
): Answer => ({
  status,
  type: mediaType('error'),
  body: envelope('error', [
    {
      errorMsg: `${words[status] ?? 'Error'}: ${what}: Please see \`reasons\` for more details (${code})`,
      reasons: [
        {
          code,
          message,
          status,
          moreInfo: 'https://cloud.ibm.com/apidocs/key-protect',
          ...(target === undefined ? {} : { target }),
        },
      ],
    },
  ]),
});

/** An error without reasons: 401 comes so, and 410 on unwrap. */
export const bareRefusal = (status: number, errorMsg: string): Answer => ({
  status,
  type: mediaType('error'),
  body: envelope('error', [{ errorMsg }]),
});

export const noAccess = bareRefusal(401, 'Unauthorized: The user does not have access to the specified resource');
export const forbidden = bareRefusal(403, 'Forbidden: The user does not have access to the specified resource');
export const noResource = bareRefusal(
  401,
  'Unauthorized: Either the user does not have access to the specified resource, the resource does not exist, or the region is incorrectly set',
);
export const notFound = (): Answer =>
  refusal(404, 'KEY_NOT_FOUND_ERR', 'Key could not be retrieved', 'key does not exist');
export const invalidState = (what: string): Answer =>
  refusal(409, 'KEY_ACTION_INVALID_STATE_ERR', what, 'Key is not in a valid state');
export const tooEarly = (what: string, message: string): Answer =>
  refusal(409, 'REQ_TOO_EARLY_ERR', what, `The key was updated recently: Please wait and try again: ${message}`);
export const badField = (what: string, name: string, message: string): Answer =>
  refusal(400, 'INVALID_FIELD_ERR', what, `The field '${name}' must be: ${message}`, { type: 'field', name });
export const deleted = (action: string): Answer =>
  bareRefusal(
    410,
    `Gone: The key has been deleted and is no longer available.Please provide a valid key when performing an '${action}' action`,
  );
