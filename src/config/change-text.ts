// Changes settings in the text of a config file and keeps what else is written there, comments above all.

import { type Document, isMap, isScalar, parseDocument } from 'yaml';
import { fromText } from './load.ts';
import { rowOf, type SettingName } from './settings.ts';

/** The text with each setting at the value that a person would write, or without it where that is null. */
export const changeYamlText = (text: string, changes: ReadonlyMap<SettingName, string | null>): string => {
  const document = parseDocument(text);
  for (const [name, value] of changes) put(document, name, value);
  return document.toString({ lineWidth: 0 });
};

/** Sets a value in the document, or takes it out. */
const put = (document: Document.Parsed, name: SettingName, text: string | null): void => {
  const [group = '', setting = ''] = name.split('.');
  const node = document.get(group, true);
  if (text === null) {
    if (!isMap(node)) return;
    node.delete(setting);
    if (node.items.length === 0 && !node.comment && !node.commentBefore) document.delete(group);
    return;
  }
  const value = fromText(rowOf(name), text);
  if (isMap(node)) {
    node.set(setting, value);
    return;
  }
  // A group of the template holds nothing but comments: they stay above what comes in.
  const made = document.createNode({ [setting]: value });
  if (isScalar(node) && node.comment) made.commentBefore = node.comment;
  document.set(group, made);
};
