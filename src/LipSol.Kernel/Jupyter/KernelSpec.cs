using System.Text.Json;
using System.Text.Json.Nodes;

namespace LipSol.Kernel.Jupyter;

/// <summary>A kernelspec can't be written; the message says why and what to do.</summary>
public sealed class KernelSpecException(string message) : Exception(message);

/// <summary>
/// What tells Jupyter that there is a kernel and how it is started (https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs). Notebooks ask for it by name, and
/// those of .NET Interactive ask for <see cref="DefaultName"/>.
/// </summary>
public static class KernelSpec
{
    /// <summary>The name by which notebooks of .NET Interactive ask for C#.</summary>
    public const string DefaultName = ".net-csharp";

    /// <summary>The folder in which Jupyter looks for kernels of this user: <c>JUPYTER_DATA_DIR</c>, or the system's place for such.</summary>
    public static string UserFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } given)
                return Path.Combine(given, "kernels");
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (OperatingSystem.IsWindows())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter", "kernels");
            if (OperatingSystem.IsMacOS())
                return Path.Combine(home, "Library", "Jupyter", "kernels");
            var data = Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".local", "share");
            return Path.Combine(data, "jupyter", "kernels");
        }
    }

    /// <summary>Where else a kernel of that name would be found, and hidden by one of the user's.</summary>
    public static IReadOnlyList<string> SharedFolders =>
    [
        .. (Environment.GetEnvironmentVariable("JUPYTER_PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(p => Path.Combine(p, "kernels")),
        .. OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "jupyter", "kernels")]
            : new[] { "/usr/local/share/jupyter/kernels", "/usr/share/jupyter/kernels" },
    ];

    /// <summary>
    /// Writes the kernelspec <paramref name="name"/> into <paramref name="folder"/>; one that this wrote before is replaced, whole or not at all.
    /// </summary>
    /// <param name="folder">A folder of kernels.</param>
    /// <param name="name">The name by which notebooks ask for it.</param>
    /// <param name="command">What starts the kernel; <c>--connection</c> and the file are put behind it.</param>
    /// <param name="alsoIn">Folders in which a kernel of that name that isn't ours stands against it too.</param>
    /// <param name="cancellation">Stops before the file is in place.</param>
    /// <returns>The file that was written.</returns>
    /// <exception cref="KernelSpecException">A kernel of that name is there that this didn't write: it stays as it is.</exception>
    public static async Task<string> WriteAsync(string folder, string name, IReadOnlyList<string> command, IReadOnlyList<string>? alsoIn = null, CancellationToken cancellation = default)
    {
        foreach (var file in new[] { folder }.Concat(alsoIn ?? []).Select(f => Path.Combine(f, name, "kernel.json")))
        {
            if (File.Exists(file) && !await IsOursAsync(file, cancellation))
                throw new KernelSpecException($"{file} is another kernel's, .NET Interactive's as it seems, and stays as it is. Install LipSol's beside it: --name lipsol-csharp");
        }

        var path = Path.Combine(folder, name, "kernel.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var spec = new JsonObject
        {
            ["argv"] = new JsonArray([.. command.Concat(["--connection", "{connection_file}"]).Select(word => JsonValue.Create(word))]),
            ["display_name"] = ".NET (C#, LipSol)",
            ["language"] = "C#",
            // A signal reaches the kernel also when a cell has taken every thread of the pool, on which sockets are read.
            ["interrupt_mode"] = OperatingSystem.IsWindows() ? "message" : "signal",
            // Cells are compiled once and run once: code that starts fast is worth more here than code that is fast in the end.
            ["env"] = new JsonObject { ["DOTNET_TieredPGO"] = "0" },
            ["metadata"] = new JsonObject { ["lipsol"] = true },
        };
        var part = path + ".part";
        await File.WriteAllTextAsync(part, spec.ToJsonString(new JsonSerializerOptions { WriteIndented = true, IndentSize = 2 }) + "\n", cancellation);
        File.Move(part, path, overwrite: true);
        return path;
    }

    private static async Task<bool> IsOursAsync(string file, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await File.ReadAllTextAsync(file, cancellation))?["metadata"]?["lipsol"] is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
