# A Nixpkgs overlay: kexec-tools with --map-file, and kexec-try.
final: prev: {
  kexec-tools = prev.kexec-tools.overrideAttrs (old: {
    patches = (old.patches or [ ]) ++ import ./patches.nix;
  });

  kexec-try = final.callPackage ./kexec-try { };
}
