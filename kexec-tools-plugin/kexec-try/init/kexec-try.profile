# kexec-try: /etc/profile.d/kexec-try.sh. At login to a new system that is not confirmed
# yet, shows how much time is left.
if kexec-try status --porcelain 2>/dev/null | grep -qx state=pending; then
	kexec-try status | sed -n 1p
	echo "kexec-try confirm keeps this system, kexec-try revert goes back, kexec-try extend SECONDS gives more time"
fi
