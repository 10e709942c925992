using System.Text.Encodings.Web;
using System.Text.Json;

namespace LipSol.Client;

/// <summary>Of which notebook a run is, and what became of it: hashes of artifacts. Null leaves what is there.</summary>
/// <param name="Origin">A JSON document: the notebook's hash, the cell, its parameters and packages.</param>
/// <param name="Executed">The notebook as it was executed.</param>
public sealed record RunNotebook(string? Origin, string? Executed);

/// <summary>What a kernel tells of the notebook that it runs. Neither knows the other: it lies in the process's <see cref="AppContext"/>, made of .NET's own types.</summary>
internal static class NotebookOrigin
{
    private const string Key = "LipSol.Notebook";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The variable that switches it off for a process: <c>LIPSOL_LINEAGE=off</c>.</summary>
    private static bool IsOff => Environment.GetEnvironmentVariable("LIPSOL_LINEAGE")?.ToLowerInvariant() is "off" or "0" or "false" or "no";

    /// <summary>What the running cell is of; null where no kernel of LipSol's runs one, or nobody wants it recorded.</summary>
    public static IReadOnlyDictionary<string, object?>? Current => IsOff ? null : (AppContext.GetData(Key) as Func<IReadOnlyDictionary<string, object?>?>)?.Invoke();

    /// <summary>As a run keeps it.</summary>
    public static byte[] ToJson(IReadOnlyDictionary<string, object?> notebook) => JsonSerializer.SerializeToUtf8Bytes(notebook.Where(n => n.Value is not Delegate).ToDictionary(n => n.Key, n => n.Value), Json);

    /// <summary>Has <paramref name="take"/> called with the executed notebook, once there is one; never where the kernel doesn't know the file.</summary>
    public static void WhenExecuted(IReadOnlyDictionary<string, object?> notebook, Func<byte[], CancellationToken, Task> take) =>
        (notebook.GetValueOrDefault("executed") as Action<Func<byte[], CancellationToken, Task>>)?.Invoke(take);
}
