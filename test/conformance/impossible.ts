// The published cases that cannot pass, each with its reason.

/** By name without the version. */
const impossible: Readonly<Record<string, string>> = {
  'CS-BC-M-6':
    'its Encrypt answer is not what AES-128-ECB gives for its own key and data (CS-BC-M-4 shows the right one)',
  'CS-RNG-O-1': 'it shows a server that uses all of a seed; this one uses none, as CS-RNG-O-3 shows',
  'CS-RNG-O-2': 'it shows a server that uses half of a seed; this one uses none, as CS-RNG-O-3 shows',
  'CS-RNG-O-4': 'it shows a server that refuses a seed; this one uses nothing of it, as CS-RNG-O-3 shows',
};

/** Why the case of this name cannot pass; undefined where it can. */
export const whyImpossible = (name: string): string | undefined => impossible[name.replace(/-\d\d$/, '')];
