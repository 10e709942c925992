using System.Text.Json;

namespace LipSol.Client;

/// <summary>What a node writes into its data folder as <c>node.json</c> while it runs, so that programs on the same machine find it.</summary>
/// <param name="Url">Where its HTTP API is.</param>
/// <param name="TokenFile">The file that holds the token (readable by its owner only).</param>
/// <param name="ProcessId">The node's process.</param>
/// <param name="Name">The node's name.</param>
/// <param name="Version">The node's version of LipSol.</param>
/// <param name="StartedAt">When it started.</param>
public sealed record NodeFile(string Url, string TokenFile, int ProcessId, string Name, string Version, DateTimeOffset StartedAt)
{
    /// <summary>Where Orleans clients inside the cluster's network reach the node: <c>address:port</c>.</summary>
    public string? Gateway { get; init; }

    /// <summary>SHA-256 of the certificate with which it speaks HTTPS, as hexadecimal digits: whoever may read the token here believes it too. Null: HTTP.</summary>
    public string? Certificate { get; init; }

    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "node.json";

    /// <summary>Name of the data folder that a node uses where none is named.</summary>
    public const string DefaultDataFolder = ".lipsol";

    /// <summary>Reads the data folder's node file; null where there is none.</summary>
    /// <exception cref="LipSolException">The file isn't readable.</exception>
    public static NodeFile? Read(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        try
        {
            return JsonSerializer.Deserialize<NodeFile>(File.ReadAllText(path), LipSolJson.Options);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new LipSolException($"{path} can't be read ({e.Message}). Restart the node, or set LIPSOL_URL and LIPSOL_TOKEN.", inner: e);
        }
    }

    /// <summary>The data folder that programs use where none is named: <c>LIPSOL_DATA</c>, else the nearest <c>.lipsol</c> that holds a node file, from the current folder upwards, else <c>.lipsol</c> in the current folder.</summary>
    public static string FindDataFolder()
    {
        if (Environment.GetEnvironmentVariable("LIPSOL_DATA") is { Length: > 0 } named) return Path.GetFullPath(named);
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, DefaultDataFolder);
            if (File.Exists(Path.Combine(candidate, FileName))) return candidate;
        }
        return Path.GetFullPath(DefaultDataFolder);
    }

    /// <summary>The node's token.</summary>
    /// <exception cref="LipSolException">The token file isn't readable.</exception>
    public string ReadToken()
    {
        try
        {
            return File.ReadAllText(TokenFile).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LipSolException($"The node's token in {TokenFile} can't be read ({e.Message}). Set LIPSOL_TOKEN, or run as the user who started the node.", inner: e);
        }
    }
}
