package wiretest

import (
	"os/exec"
	"syscall"
)

// endWithParent makes the program end when this process dies without a cleanup.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
