// VMware's own Go library, of which govc is made, reads the OVA and imports it into a simulated vCenter. Prints one JSON text:
// the choices that 'govc import.spec' offers, the machine that the descriptor asks for, and the machine that was made.
// Argument: the OVA.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/ovf/importer"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

type device struct {
	Type  string
	Label string
	KiB   int64 `json:",omitempty"`
}

type found struct {
	Choices  *importer.Options
	Firmware string
	Secure   bool
	CPUs     int32
	MemoryMB int64
	Guest    string
	Version  string
	// Where the guest finds its properties.
	Transport  *string
	Properties []types.VAppPropertyInfo
	Asked      []device
	Made       []device
	MadeName   string
}

func devicesOf(list object.VirtualDeviceList) []device {
	devices := []device{}
	for _, each := range list {
		entry := device{Type: strings.TrimPrefix(fmt.Sprintf("%T", each), "*types."), Label: list.Name(each)}
		if disk, ok := each.(*types.VirtualDisk); ok {
			entry.KiB = max(disk.CapacityInKB, disk.CapacityInBytes/1024)
		}
		devices = append(devices, entry)
	}
	return devices
}

func main() {
	ctx := context.Background()
	archive := &importer.TapeArchive{Path: os.Args[1]}
	choices := must(importer.Spec("*.ovf", archive, false, true))
	envelope := must(importer.ReadEnvelope(must(importer.ReadOvf("*.ovf", archive))))
	asked := must(envelope.ToConfigSpec())
	result := found{
		Choices: choices, Firmware: asked.Firmware, CPUs: asked.NumCPUs, MemoryMB: asked.MemoryMB,
		Guest: asked.GuestId, Version: asked.Version,
	}
	if asked.BootOptions != nil && asked.BootOptions.EfiSecureBootEnabled != nil {
		result.Secure = *asked.BootOptions.EfiSecureBootEnabled
	}
	result.Transport = envelope.VirtualSystem.VirtualHardware[0].Transport
	if vapp, ok := asked.VAppConfig.(*types.VAppConfigSpec); ok && vapp != nil {
		for _, entry := range vapp.Property {
			result.Properties = append(result.Properties, *entry.Info)
		}
	}
	var devices object.VirtualDeviceList
	for _, change := range asked.DeviceChange {
		devices = append(devices, change.GetVirtualDeviceConfigSpec().Device)
	}
	result.Asked = devicesOf(devices)

	model := simulator.VPX()
	defer model.Remove()
	if err := model.Create(); err != nil {
		log.Fatal(err)
	}
	server := model.Service.NewServer()
	defer server.Close()
	client := must(govmomi.NewClient(ctx, server.URL, true))
	finder := find.NewFinder(client.Client)
	datacenter := must(finder.DefaultDatacenter(ctx))
	finder.SetDatacenter(datacenter)
	host := must(finder.HostSystem(ctx, "DC0_H0"))
	archive.Client = client.Client
	importing := importer.Importer{
		Log:          func(string) (int, error) { return 0, nil },
		Client:       client.Client,
		Finder:       finder,
		Datacenter:   datacenter,
		Datastore:    must(finder.DefaultDatastore(ctx)),
		ResourcePool: must(host.ResourcePool(ctx)),
		Host:         host,
		Folder:       must(datacenter.Folders(ctx)).VmFolder,
		Archive:      archive,
	}
	machine := must(importing.Import(ctx, "*.ovf", *choices))
	var made mo.VirtualMachine
	if err := property.DefaultCollector(client.Client).RetrieveOne(ctx, *machine, []string{"name", "config"}, &made); err != nil {
		log.Fatal(err)
	}
	result.MadeName = made.Name
	result.Made = devicesOf(made.Config.Hardware.Device)
	fmt.Println(string(must(json.Marshal(result))))
}
