// Template objects of KMIP 1.x (KMIP 1.4 sections 2.1.8 and 2.2.6, deprecated since 1.3): a request names them, and their
// attributes count as if they had been given.

import { EdgeError } from '../errors.ts';
import { keptValue } from '../keys/attributes.ts';
import { attribute, attributeRules } from '../kmip/attributes.ts';
import { ObjectType } from '../kmip/enums.ts';
import type { Attribute, TemplateAttribute } from '../kmip/template-attribute.ts';
import { V1_4 } from '../kmip/version.ts';
import { shorten } from '../shorten.ts';
import type { OperationContext } from './context.ts';
import { unpacked } from './stored-object.ts';

/** Nobody names more; it bounds what one request can have put together. */
const mostTemplates = 100;

/**
 * The attributes of a Template-Attribute with those of the templates that it names. What is given beside a template goes
 * before what the template has, for an attribute that an object has once. Throws `item-not-found` for a name without one,
 * `invalid-field` for too many names.
 */
export const attributesOf = async (
  context: OperationContext,
  template: TemplateAttribute | undefined,
): Promise<readonly Attribute[]> => {
  if (!template) return [];
  if (template.Name.length > mostTemplates) {
    throw new EdgeError('invalid-field', `at most ${mostTemplates} templates are named, not ${template.Name.length}`);
  }
  const given = new Set(template.Attribute.map(({ AttributeName: name }) => name));
  const inherited: Attribute[] = [];
  for (const name of template.Name) {
    for (const one of await attributesOfTemplate(context, name)) {
      const single = attributeRules(one.AttributeName, V1_4)?.multiple !== true;
      if (!single || !given.has(one.AttributeName)) inherited.push(one);
    }
  }
  return [...inherited, ...template.Attribute];
};

const attributesOfTemplate = async (
  { keys, caller }: OperationContext,
  name: TemplateAttribute['Name'][number],
): Promise<readonly Attribute[]> => {
  const [uid] = await keys.locate(caller, {
    attributes: [{ name: 'Name', value: keptValue('Name', attribute('Name', name).AttributeValue, V1_4) }],
    matches: ({ objectType, destroyDate }) => objectType === ObjectType.Template && destroyDate === undefined,
    narrowing: {
      ranges: [{ field: 'objectType', from: ObjectType.Template, to: ObjectType.Template }],
      usage: 0,
      onLine: true,
    },
    maximum: 1,
    offset: 0,
  });
  if (uid === undefined) throw new EdgeError('item-not-found', `no template is named '${shorten(name.NameValue)}'`);
  const { material, objectType } = await keys.get(caller, uid);
  const attributes = unpacked(material.export(), objectType).Template?.Attribute ?? [];
  // Its name is its own.
  return attributes.filter(({ AttributeName: own }) => own !== 'Name');
};
