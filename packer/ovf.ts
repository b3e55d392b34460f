// The OVF descriptor (DSP0243 1.1), as vSphere reads it: one virtual machine with UEFI and Secure Boot, a system disk that
// comes in the file and an empty data disk that does not.

import { type Appliance, systemDiskBytes } from './appliance.ts';

export interface SystemDisk {
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
const type = { processor: 3, memory: 4, scsi: 6, network: 10, cdrom: 15, disk: 17, sata: 20 } as const;

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
    ResourceType: type.sata,
    InstanceID: 4,
    ElementName: 'SATA controller',
    ResourceSubType: 'vmware.sata.ahci',
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
  const choices = kind === 'upstream' ? ' ovf:qualifiers="ValueMap{&quot;&quot;,&quot;key-protect&quot;}"' : '';
  const hidden = secret ? ' ovf:password="true"' : '';
  return [
    `      <Property ovf:key="${key}" ovf:type="string" ovf:userConfigurable="true" ovf:value=""${hidden}${choices}>`,
    `        <Label>${escaped(label)}</Label>`,
    `        <Description>${escaped(help)}</Description>`,
    '      </Property>',
  ].join('\n');
};

/** The descriptor's text. */
export const describeOva = (appliance: Appliance, disk: SystemDisk): string => {
  const { product, hardware, version } = appliance;
  const gib = 1024 ** 3;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <References>
    <File ovf:id="system-file" ovf:href="${escaped(disk.name)}" ovf:size="${disk.bytes}"/>
  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
    <Disk ovf:diskId="system" ovf:fileRef="system-file" ovf:capacity="${systemDiskBytes(appliance)}" ovf:populatedSize="${disk.populatedBytes}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
    <Disk ovf:diskId="data" ovf:capacity="${hardware.dataDiskGiB * gib}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
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
