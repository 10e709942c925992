using System.Runtime.InteropServices;

namespace LipSol.Worker.Confining;

/// <summary>Calls that confined code is refused, on top of what <see cref="Landlock"/> does, which knows of files alone and, on newer kernels, of TCP and signals.</summary>
internal static class SystemCalls
{
    private const int SetNoNewPrivileges = 38, DropFromBoundingSet = 24, SetParentDeathSignal = 1, Sigkill = 9;
    private const uint Local = 1, Stream = 1, KindOfSocket = 0xf; // AF_UNIX, SOCK_STREAM
    private const uint Thread = 0x10000; // CLONE_THREAD
    private static readonly SystemCall Socket = new("socket", 41, 198);

    /// <summary>
    /// Gives up, for this thread and whatever program it becomes, the powers that a superuser has beyond owning files; sockets but local ones; signals to other processes; io_uring, which goes round filters;
    /// and truncating a file by its name, which older kernels' Landlock lets pass. With what is left a program still starts and connects to its host.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The kernel can't, or the processor is of another kind.</exception>
    public static void Restrict()
    {
        // Ends at the first that doesn't exist; without the right to (an ordinary user) there is nothing to drop.
        for (var capability = 0L; capability < 64 && Prctl(DropFromBoundingSet, capability, 0, 0, 0) == 0; capability++)
        {
        }

        if (Prctl(SetNoNewPrivileges, 1, 0, 0, 0) != 0) throw new PlatformNotSupportedException($"The kernel didn't let the worker give up privileges (error {Marshal.GetLastPInvokeError()}), so code of a notebook can't be confined, and isn't run here.");
        // Whatever the code does to the threads that would notice that the host is gone, the kernel ends it with the host.
        if (Prctl(SetParentDeathSignal, Sigkill, 0, 0, 0) != 0) throw new PlatformNotSupportedException($"The kernel didn't let the worker end with its host (error {Marshal.GetLastPInvokeError()}), so code of a notebook can't be confined, and isn't run here.");
        new CallFilter()
            .Answer(CallFilter.Refuse, new("io_uring_setup", 425), new("pidfd_send_signal", 424), new("truncate", 76, 45), new("kill", 62, 129), new("tkill", 200, 130))
            .Answer(Socket, CallFilter.Allow, CallFilter.Refuse, new ArgumentIs(0, [Local]))
            .Answer(new("tgkill", 234, 131), CallFilter.Allow, CallFilter.Refuse, Myself(0))
            .Install(forAllThreads: false);
    }

    /// <summary>
    /// Gives up, for all threads, what only a program that starts needs, and what a network needs never: connecting to anybody, also on this machine; other programs and processes; and whatever
    /// acts on a process, or on a file that may only be read, by its number or name. Comes after the connections to the host stand, and before anything of a person's code is there.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The kernel can't.</exception>
    public static void Seal() => new CallFilter()
        // Datagrams may be sent to any name without connecting; streams can't. (CUDA makes a local stream, to which nobody else connects.)
        .Answer(Socket, CallFilter.Allow, CallFilter.Refuse, new ArgumentIs(0, [Local]), new ArgumentIs(1, [Stream], KindOfSocket))
        .Answer(CallFilter.Refuse, new("socketpair", 53, 199), new("connect", 42, 203))
        // Threads, and nothing else. glibc makes them by clone where there is no clone3, whose flags a filter can't see.
        .Answer(new("clone", 56, 220), CallFilter.Allow, CallFilter.Refuse, new ArgumentIs(0, [Thread], Thread))
        .Answer(CallFilter.Unknown, new SystemCall("clone3", 435))
        .Answer(CallFilter.Refuse, new("fork", 57, -1), new("vfork", 58, -1), new("execve", 59, 221), new("execveat", 322, 281))
        .Answer(new("prctl", 157, 167), CallFilter.Refuse, CallFilter.Allow, new ArgumentIs(0, [SetParentDeathSignal]))
        // Other processes: signals by other ways than kill, their limits, their priorities, their memory.
        .Answer(CallFilter.Refuse, new("rt_sigqueueinfo", 129, 138), new("rt_tgsigqueueinfo", 297, 240), new("pidfd_open", 434), new("pidfd_getfd", 438))
        .Answer(new("fcntl", 72, 25), CallFilter.Refuse, CallFilter.Allow, new ArgumentIs(1, [8, 10, 15, 1024])) // F_SETOWN, F_SETSIG, F_SETOWN_EX; F_SETLEASE, which holds up whoever opens the file
        .Answer(new("ioctl", 16, 29), CallFilter.Refuse, CallFilter.Allow, new ArgumentIs(1, [0x8901, 0x8902])) // FIOSETOWN, SIOCSPGRP
        .Answer(new("prlimit64", 302, 261), CallFilter.Allow, CallFilter.Refuse, Myself(0, 0))
        .Answer(CallFilter.Refuse, new("setpriority", 141, 140), new("ioprio_set", 251, 30), new("sched_setscheduler", 144, 119), new("sched_setparam", 142, 118), new("sched_setattr", 314, 274))
        .Answer(new("sched_setaffinity", 203, 122), CallFilter.Allow, CallFilter.Pretend, new ArgumentIs(0, [0])) // libraries pin threads by their numbers
        .Answer(CallFilter.Refuse, new("ptrace", 101, 117), new("process_vm_readv", 310, 270), new("process_vm_writev", 311, 271), new("process_madvise", 440), new("process_mrelease", 448), new("kcmp", 312, 272), new("move_pages", 279, 239), new("migrate_pages", 256, 238))
        // What processes of one user share: keys, and what System V and POSIX let them talk by.
        .Answer(CallFilter.Refuse, new("add_key", 248, 217), new("request_key", 249, 218), new("keyctl", 250, 219))
        .Answer(CallFilter.Refuse, new("shmget", 29, 194), new("shmat", 30, 196), new("shmctl", 31, 195), new("semget", 64, 190), new("semop", 65, 193), new("semctl", 66, 191), new("semtimedop", 220, 192), new("msgget", 68, 186), new("msgsnd", 69, 189), new("msgrcv", 70, 188), new("msgctl", 71, 187), new("mq_open", 240, 180), new("mq_unlink", 241, 181))
        // The kernel's back rooms.
        .Answer(CallFilter.Refuse, new("unshare", 272, 97), new("setns", 308, 268), new("mount", 165, 40), new("umount2", 166, 39), new("pivot_root", 155, 41), new("chroot", 161, 51), new("open_tree", 428), new("move_mount", 429), new("fsopen", 430), new("fsconfig", 431), new("fsmount", 432), new("fspick", 433), new("mount_setattr", 442))
        .Answer(CallFilter.Refuse, new("bpf", 321, 280), new("perf_event_open", 298, 241), new("userfaultfd", 323, 282), new("fanotify_init", 300, 262), new("name_to_handle_at", 303, 264), new("open_by_handle_at", 304, 265))
        // Files that aren't its own, of which Landlock guards the content alone: whoever owns them could close or open them to others. The store of artifacts sets modes as it writes; the node, which takes them over, sets its own.
        .Answer(CallFilter.Pretend, new("chmod", 90, -1), new("fchmod", 91, 52), new("fchmodat", 268, 53), new("fchmodat2", 452), new("utime", 132, -1), new("utimes", 235, -1), new("futimesat", 261, -1), new("utimensat", 280, 88), new("flock", 73, 32))
        .Answer(CallFilter.Refuse, new("chown", 92, -1), new("fchown", 93, 55), new("lchown", 94, -1), new("fchownat", 260, 54), new("setxattr", 188, 5), new("lsetxattr", 189, 6), new("fsetxattr", 190, 7), new("removexattr", 197, 14), new("lremovexattr", 198, 15), new("fremovexattr", 199, 16), new("setxattrat", 463), new("removexattrat", 466), new("file_setattr", 469))
        .Install(forAllThreads: true);

    private static ArgumentIs Myself(int argument, params uint[] or) => new(argument, [(uint)Environment.ProcessId, .. or]);

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static extern int Prctl(int option, long second, long third, long fourth, long fifth);
}
