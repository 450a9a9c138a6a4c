# A NixOS module: the overlay, and a kernel with the patches.
{ lib, pkgs, ... }: {
  nixpkgs.overlays = [ (import ./overlay.nix) ];
  boot.kernelPatches =
    map (patch: { name = baseNameOf (toString patch); inherit patch; })
      (import ./kernel-patches.nix)
    ++ [{
      name = "kexec-map-file-config";
      patch = null;
      extraStructuredConfig = with lib.kernel; {
        KEXEC = yes;
        MTD = yes;
        MTD_BLOCK = yes;
        MTD_PHRAM = yes;
        SQUASHFS = yes;
        IKCONFIG = yes;
        IKCONFIG_PROC = yes;
        WATCHDOG = yes;
        WATCHDOG_SYSFS = yes;
      };
    }];
  environment.systemPackages = [ pkgs.kexec-tools pkgs.kexec-try ];
}
