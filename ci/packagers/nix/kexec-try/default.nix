{ lib, stdenv, dtc, elfutils, zlib }:

stdenv.mkDerivation {
  pname = "kexec-try";
  version = "@VERSION@";
  src = ./src;
  # The device's program, for MIPS, needs none of these.
  buildInputs = lib.optionals (!stdenv.hostPlatform.isMips) [ dtc elfutils zlib ];
  makeFlags = [ "CC=${stdenv.cc.targetPrefix}cc" ];
  installFlags = [ "DESTDIR=" "PREFIX=${placeholder "out"}" ];

  meta = {
    description = "Try a new system in RAM, go back if it fails";
    license = lib.licenses.gpl2Only;
    platforms = lib.platforms.linux;
  };
}
