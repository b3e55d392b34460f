// The OVF descriptor (DSP0243 1.1), as vSphere reads it: one virtual machine with UEFI and Secure Boot, a system disk and a
// blank data disk. The standard lets a blank disk go without a file, but not every reader does: virt-v2v 2.2 and the
// simulator of govmomi 0.52 refuse it, so both disks have one.

import { type Appliance, dataDiskBytes, systemDiskBytes } from './appliance.ts';
import { ovfTypeOf } from './property-types.ts';

/** What the descriptor says of a disk. */
export interface DiskFile {
  readonly id: 'system' | 'data';
  /** Its name in the OVA. */
  readonly name: string;
  /** Of the file. */
  readonly bytes: number;
  /** Used in the virtual disk. */
  readonly populatedBytes: number;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** RASD elements in the order that the schema wants: by name. */
type Item = Readonly<Record<string, string | number>>;

const item = (fields: Item): string => {
  const rows = Object.entries(fields)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `        <rasd:${name}>${escaped(String(value))}</rasd:${name}>`);
  return ['      <Item>', ...rows, '      </Item>'].join('\n');
};

/** CIM resource types. */
const type = { processor: 3, memory: 4, ide: 5, scsi: 6, network: 10, cdrom: 15, disk: 17 } as const;

const hardwareItems = ({ hardware: { cpus, memoryMiB, network } }: Appliance): readonly Item[] => [
  {
    ResourceType: type.processor,
    InstanceID: 1,
    ElementName: `${cpus} CPUs`,
    AllocationUnits: 'hertz * 10^6',
    VirtualQuantity: cpus,
  },
  {
    ResourceType: type.memory,
    InstanceID: 2,
    ElementName: `${memoryMiB} MB of memory`,
    AllocationUnits: 'byte * 2^20',
    VirtualQuantity: memoryMiB,
  },
  {
    ResourceType: type.scsi,
    InstanceID: 3,
    ElementName: 'SCSI controller',
    ResourceSubType: 'VirtualSCSI',
    Address: 0,
  },
  {
    // For the disc of properties: every version of vSphere, and every reader of OVF, knows this controller.
    ResourceType: type.ide,
    InstanceID: 4,
    ElementName: 'IDE controller',
    ResourceSubType: 'PIIX4',
    Address: 0,
  },
  {
    ResourceType: type.disk,
    InstanceID: 5,
    ElementName: 'System disk',
    Parent: 3,
    AddressOnParent: 0,
    HostResource: 'ovf:/disk/system',
  },
  {
    ResourceType: type.disk,
    InstanceID: 6,
    ElementName: 'Data disk',
    Parent: 3,
    AddressOnParent: 1,
    HostResource: 'ovf:/disk/data',
  },
  {
    ResourceType: type.network,
    InstanceID: 7,
    ElementName: 'Network adapter',
    ResourceSubType: 'VmxNet3',
    AddressOnParent: 7,
    AutomaticAllocation: 'true',
    Connection: network,
  },
  {
    ResourceType: type.cdrom,
    InstanceID: 8,
    ElementName: 'CD/DVD drive',
    ResourceSubType: 'vmware.cdrom.remotepassthrough',
    Parent: 4,
    AddressOnParent: 0,
    AutomaticAllocation: 'false',
  },
];

/** A category stands before the first of its properties, and its properties together. */
const propertyRows = ({ properties }: Appliance): string =>
  [...Map.groupBy(properties, ({ category }) => category)]
    .flatMap(([category, rows]) => [`      <Category>${escaped(category)}</Category>`, ...rows.map(propertyRow)])
    .join('\n');

const propertyRow = ({ key, label, help, kind, secret }: Appliance['properties'][number]): string => {
  const { type: valueType, qualifiers } = ovfTypeOf(kind);
  const limits = qualifiers === undefined ? '' : ` ovf:qualifiers="${escaped(qualifiers)}"`;
  const hidden = secret ? ' ovf:password="true"' : '';
  return [
    `      <Property ovf:key="${key}" ovf:type="${valueType}"${limits} ovf:userConfigurable="true" ovf:value=""${hidden}>`,
    `        <Label>${escaped(label)}</Label>`,
    `        <Description>${escaped(help)}</Description>`,
    '      </Property>',
  ].join('\n');
};

const diskFormat = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';

const fileRow = ({ id, name, bytes }: DiskFile): string =>
  `    <File ovf:id="${id}-file" ovf:href="${escaped(name)}" ovf:size="${bytes}"/>`;

const diskRow = ({ id, populatedBytes }: DiskFile, capacity: number): string =>
  `    <Disk ovf:diskId="${id}" ovf:fileRef="${id}-file" ovf:capacity="${capacity}" ovf:populatedSize="${populatedBytes}" ovf:format="${diskFormat}"/>`;

/** The descriptor's text, for an OVA that holds `disks` in that order. */
export const describeOva = (appliance: Appliance, disks: readonly DiskFile[]): string => {
  const { product, hardware, version } = appliance;
  const capacities = { system: systemDiskBytes(appliance), data: dataDiskBytes(appliance) };
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <References>
${disks.map(fileRow).join('\n')}
  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
${disks.map((disk) => diskRow(disk, capacities[disk.id])).join('\n')}
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="${escaped(hardware.network)}">
      <Description>The network on which vCenter and the hosts reach the appliance, and the appliance IBM Cloud</Description>
    </Network>
  </NetworkSection>
  <VirtualSystem ovf:id="${product.name}">
    <Info>${escaped(product.title)}</Info>
    <Name>${product.name}</Name>
    <OperatingSystemSection ovf:id="${hardware.osId}" vmw:osType="${hardware.guest}">
      <Info>Guest operating system</Info>
      <Description>Debian GNU/Linux (64-bit)</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection ovf:transport="com.vmware.guestInfo iso">
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>${product.name}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>${hardware.version}</vssd:VirtualSystemType>
      </System>
${hardwareItems(appliance).map(item).join('\n')}
      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>
      <vmw:Config ovf:required="false" vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>
      <vmw:Config ovf:required="false" vmw:key="tools.syncTimeWithHost" vmw:value="false"/>
      <vmw:Config ovf:required="false" vmw:key="powerOpInfo.powerOffType" vmw:value="soft"/>
    </VirtualHardwareSection>
    <ProductSection>
      <Info>${escaped(product.title)}</Info>
      <Product>${escaped(product.title)}</Product>
      <Vendor>${escaped(product.vendor)}</Vendor>
      <Version>${escaped(version)}</Version>
      <FullVersion>${escaped(version)}</FullVersion>
${propertyRows(appliance)}
    </ProductSection>
    <AnnotationSection>
      <Info>What it is</Info>
      <Annotation>${escaped(product.description)}</Annotation>
    </AnnotationSection>
  </VirtualSystem>
</Envelope>
`;
};
