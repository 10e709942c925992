using System.Diagnostics;
using System.Runtime.InteropServices;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Nodes;

/// <summary>Lets this process become another program, see execve(2): what stops or kills it then stops or kills that program, and nothing stays behind.</summary>
internal static class ProcessImage
{
    /// <summary>Doesn't return.</summary>
    /// <exception cref="CommandFailedException">The program can't be started.</exception>
    public static void Become(ProcessStartInfo start)
    {
        string?[] arguments = [start.FileName, .. start.ArgumentList, null];
        string?[] environment = [.. start.Environment.Select(v => $"{v.Key}={v.Value}"), null];
        _ = Execve(start.FileName, arguments, environment);
        throw new CommandFailedException($"{start.FileName} can't be started: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    // LPStr is UTF-8 on Unix.
    [DllImport("libc", EntryPoint = "execve", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Execve([MarshalAs(UnmanagedType.LPUTF8Str)] string path,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] arguments,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] environment);
}
