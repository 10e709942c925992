using System.Diagnostics;
using System.Globalization;

namespace LipSol.Silo.Node;

/// <summary>A GPU of this machine.</summary>
/// <param name="Index">Its place, in the order of the PCI bus.</param>
/// <param name="Name">Its name; null where nothing tells it.</param>
/// <param name="Memory">Its memory in bytes; 0 where nothing tells it.</param>
internal sealed record Gpu(int Index, string? Name, long Memory);

/// <summary>Asks NVIDIA's own tool which GPUs there are.</summary>
internal static class NvidiaSmi
{
    /// <summary>The tool's name; found on the PATH.</summary>
    public const string Tool = "nvidia-smi";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The GPUs, or null where there is no such tool or it doesn't work. Where this node was itself given some of them alone (<c>CUDA_VISIBLE_DEVICES</c>), those.</summary>
    public static IReadOnlyList<Gpu>? Find(Action<string> note) => Find(note, Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"), Environment.GetEnvironmentVariable("PATH"), Patience);

    internal static IReadOnlyList<Gpu>? Find(Action<string> note, string? visible, string? path, TimeSpan patience)
    {
        // None is visible: CUDA stops at the first that doesn't exist, and -1 is the usual way to say so.
        if (visible is not null && (visible.Trim().Length == 0 || visible.TrimStart().StartsWith('-'))) return [];
        if (Locate(path) is not { } tool) return null;
        var start = new ProcessStartInfo(tool, ["--query-gpu=index,name,memory.total", "--format=csv,noheader,nounits", .. visible is null ? Array.Empty<string>() : ["--id=" + visible.Replace(" ", "", StringComparison.Ordinal)]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            // A driver that hangs must not keep the node from starting.
            if (!process.WaitForExit(patience) || !Task.WaitAll([output, errors], patience))
            {
                process.Kill(entireProcessTree: true);
                note($"{tool} gave no answer within {patience.TotalSeconds:0.#} s: GPUs are counted by their device files.");
                return null;
            }
            if (process.ExitCode == 0) return Parse(output.Result);
            note($"{tool} failed (status {process.ExitCode}: {(output.Result + errors.Result).Trim().Split('\n')[0]}): GPUs are counted by their device files.");
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or FormatException or IOException)
        {
            note($"{tool} can't be asked ({e.Message}): GPUs are counted by their device files.");
        }
        return null;
    }

    /// <summary>Reads lines such as <c>0, NVIDIA A100-SXM4-40GB, 40960</c>; memory in MiB, or <c>[N/A]</c>.</summary>
    /// <exception cref="FormatException">A line isn't one.</exception>
    internal static List<Gpu> Parse(string answer) =>
        [.. from line in answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            let first = line.IndexOf(',', StringComparison.Ordinal)
            let last = line.LastIndexOf(',')
            select first > 0 && last > first
                ? new Gpu(int.Parse(line[..first], CultureInfo.InvariantCulture), line[(first + 1)..last].Trim(), long.TryParse(line[(last + 1)..], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var mebibytes) ? mebibytes << 20 : 0)
                : throw new FormatException($"it answered \"{line}\"")];

    private static string? Locate(string? path) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? Tool + ".exe" : Tool)).FirstOrDefault(File.Exists);
}
