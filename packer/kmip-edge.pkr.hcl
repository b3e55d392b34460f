# Boots the base disk, makes the appliance of it, checks it from the inside, and leaves a disk for the OVA. The same steps
# serve inside vSphere: -only=vsphere-clone.kmip-edge clones a virtual machine that has the base disk, and exports what it
# became; `npm run ova -- --disk FILE.vmdk` makes the OVA of that. Read by Packer 1.6 (this file alone) and newer ones (this
# folder, after `packer init`, which reads plugins.pkr.hcl).

variable "base" {
  type    = string
  default = ""
}
variable "product" {
  type = string
}
variable "key" {
  type = string
}
variable "output" {
  type    = string
  default = "build/disk"
}
variable "accelerator" {
  type    = string
  default = "tcg,thread=multi"
}
variable "firmware" {
  type    = string
  default = "/usr/share/ovmf/OVMF.fd"
}
# Of vCenter; the template is a virtual machine with the base disk, UEFI and one network.
variable "vcenter_server" {
  type    = string
  default = ""
}
variable "vcenter_user" {
  type    = string
  default = ""
}
variable "vcenter_password" {
  type    = string
  default = ""
  sensitive = true
}
variable "vcenter_template" {
  type    = string
  default = "kmip-edge-base"
}
variable "vcenter_cluster" {
  type    = string
  default = ""
}
variable "vcenter_host" {
  type    = string
  default = ""
}
variable "vcenter_datastore" {
  type    = string
  default = ""
}
variable "vcenter_insecure" {
  type    = bool
  default = false
}

source "qemu" "kmip-edge" {
  iso_url          = var.base
  iso_checksum     = "none"
  disk_image       = true
  format           = "qcow2"
  disk_interface   = "virtio"
  net_device       = "virtio-net"
  skip_resize_disk = true
  # Named by qemuargs: this field would exclude the option for several threads.
  accelerator      = "none"
  headless         = true
  output_directory = var.output
  vm_name          = "system.qcow2"
  ssh_username     = "root"
  ssh_private_key_file = var.key
  ssh_timeout      = "10m"
  shutdown_command = "systemctl poweroff"
  qemuargs = [
    ["-cpu", "max"],
    ["-smp", "2"],
    ["-m", "2048"],
    ["-machine", "q35"],
    ["-accel", var.accelerator],
    ["-bios", var.firmware],
  ]
}

source "vsphere-clone" "kmip-edge" {
  vcenter_server       = var.vcenter_server
  username             = var.vcenter_user
  password             = var.vcenter_password
  insecure_connection  = var.vcenter_insecure
  template             = var.vcenter_template
  cluster              = var.vcenter_cluster
  host                 = var.vcenter_host
  datastore            = var.vcenter_datastore
  vm_name              = "kmip-edge-build"
  CPUs                 = 2
  RAM                  = 2048
  ssh_username         = "root"
  ssh_private_key_file = var.key
  ssh_timeout          = "10m"
  shutdown_command     = "systemctl poweroff"
  export {
    force            = true
    output_directory = var.output
  }
}

build {
  sources = ["source.qemu.kmip-edge", "source.vsphere-clone.kmip-edge"]

  provisioner "shell-local" {
    inline = ["echo '   the machine is up: appliance/ and the product go in'"]
  }
  provisioner "file" {
    source      = "appliance/"
    destination = "/"
  }
  provisioner "file" {
    source      = var.product
    destination = "/tmp/product.tar"
  }
  provisioner "shell" {
    scripts = [
      "packer/steps/10-product.sh",
      "packer/steps/20-system.sh",
      "packer/steps/30-check.sh",
      "packer/steps/90-clean.sh",
    ]
  }
}
