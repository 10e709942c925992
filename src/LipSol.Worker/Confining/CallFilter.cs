using System.Runtime.InteropServices;

namespace LipSol.Worker.Confining;

/// <summary>A system call by its number on each kind of processor; below zero where that has none of the name.</summary>
internal readonly record struct SystemCall(string Name, int X64, int Arm64)
{
    /// <summary>One of the newer calls, which have the same number everywhere.</summary>
    public SystemCall(string name, int number) : this(name, number, number)
    {
    }
}

/// <summary>Whether an argument of a call, or the part of it that <paramref name="Mask"/> leaves, is one of some values.</summary>
internal readonly record struct ArgumentIs(int Argument, uint[] Values, uint Mask = uint.MaxValue);

/// <summary>What becomes of system calls, as a program for the kernel (seccomp(2)). What has no rule is allowed; of several filters the strictest decides.</summary>
internal sealed class CallFilter
{
    /// <summary>The call is made.</summary>
    public const uint Allow = 0x7fff0000;

    /// <summary>It isn't, and says that it isn't permitted (EACCES).</summary>
    public const uint Refuse = Errno | 13;

    /// <summary>It isn't, and says that there is no such call: libraries then take an older one.</summary>
    public const uint Unknown = Errno | 38;

    /// <summary>It isn't, and says that it was: where nothing depends on it, and LipSol's own code takes a refusal for a failure.</summary>
    public const uint Pretend = Errno;

    private const uint Errno = 0x00050000;
    private const uint Load = 0x20, And = 0x54, JumpIfEqual = 0x15, JumpIfAtLeast = 0x35, Return = 0x06;
    private const uint CallAt = 0, ProcessorAt = 4, ArgumentsAt = 16;
    private const int SetFilter = 1, ForAllThreads = 1;
    private readonly bool isArm;
    private readonly List<Instruction> program = [];

    /// <exception cref="PlatformNotSupportedException">The processor is of a kind whose calls aren't known here.</exception>
    public CallFilter()
    {
        isArm = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => false,
            Architecture.Arm64 => true,
            var other => throw new PlatformNotSupportedException($"Code of a notebook can't be confined on {other}, and isn't run here."),
        };
        program.AddRange(
        [
            new(Load, 0, 0, ProcessorAt),
            new(JumpIfEqual, 1, 0, isArm ? 0xC00000B7u : 0xC000003Eu),
            new(Return, 0, 0, Refuse), // numbers of another processor mean other calls
            new(Load, 0, 0, CallAt),
            new(JumpIfAtLeast, 0, 1, 0x40000000),
            new(Return, 0, 0, Refuse), // a second set of numbers for the same calls
        ]);
    }

    /// <summary>What becomes of these, whatever their arguments.</summary>
    public CallFilter Answer(uint answer, params ReadOnlySpan<SystemCall> calls)
    {
        foreach (var call in calls)
        {
            if (NumberOf(call) is not { } number) continue;
            program.AddRange([new(JumpIfEqual, 0, 1, number), new(Return, 0, 0, answer)]);
        }

        return this;
    }

    /// <summary>What becomes of a call whose arguments pass all of the tests, and of one whose don't.</summary>
    public CallFilter Answer(SystemCall call, uint answer, uint otherwise, params ReadOnlySpan<ArgumentIs> tests)
    {
        if (NumberOf(call) is not { } number) return this;
        var rule = new List<Instruction>();
        foreach (var test in tests)
        {
            // The lower half of it: the kernel takes these as numbers of 32 bits.
            rule.Add(new(Load, 0, 0, ArgumentsAt + 8 * (uint)test.Argument));
            if (test.Mask != uint.MaxValue) rule.Add(new(And, 0, 0, test.Mask));
            for (var i = 0; i < test.Values.Length; i++) rule.Add(new(JumpIfEqual, (byte)(test.Values.Length - i), 0, test.Values[i]));
            rule.Add(new(Return, 0, 0, otherwise));
        }

        rule.Add(new(Return, 0, 0, answer));
        program.AddRange([new(JumpIfEqual, 0, (byte)rule.Count, number), .. rule]);
        return this;
    }

    /// <summary>Takes effect for this thread, or for all of this process, and for whatever program they become; for good.</summary>
    /// <exception cref="PlatformNotSupportedException">The kernel doesn't let it.</exception>
    public void Install(bool forAllThreads)
    {
        Instruction[] whole = [.. program, new(Return, 0, 0, Allow)];
        var code = Marshal.AllocHGlobal(whole.Length * Marshal.SizeOf<Instruction>());
        try
        {
            for (var i = 0; i < whole.Length; i++) Marshal.StructureToPtr(whole[i], code + i * Marshal.SizeOf<Instruction>(), fDeleteOld: false);
            var toKernel = new Program { Length = (ushort)whole.Length, Code = code };
            // Above zero: the thread that can't take it.
            if (Seccomp(isArm ? 277 : 317, SetFilter, forAllThreads ? ForAllThreads : 0, ref toKernel) is var result && result != 0)
                throw new PlatformNotSupportedException($"The kernel didn't let the worker give up calls ({(result > 0 ? $"thread {result}" : $"error {Marshal.GetLastPInvokeError()}")}), so code of a notebook can't be confined, and isn't run here.");
        }
        finally
        {
            Marshal.FreeHGlobal(code);
        }
    }

    private uint? NumberOf(SystemCall call) => (isArm ? call.Arm64 : call.X64) is >= 0 and var number ? (uint)number : null;

    // A jump names how many instructions it passes over.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(uint code, byte then, byte otherwise, uint value)
    {
        private readonly ushort code = (ushort)code;
        private readonly byte then = then;
        private readonly byte otherwise = otherwise;
        private readonly uint value = value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public IntPtr Code;
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long Seccomp(long number, long operation, long flags, ref Program program);
}
