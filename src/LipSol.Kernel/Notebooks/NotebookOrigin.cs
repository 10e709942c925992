using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LipSol.Kernel.Magics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.DotNet.Interactive;

namespace LipSol.Kernel.Notebooks;

/// <summary>The notebook that an engine runs, as far as it's known: what a program that a cell calls may record. Libraries read it from the process's <see cref="AppContext"/>; neither knows the other.</summary>
internal sealed class NotebookOrigin
{
    private const string Key = "LipSol.Notebook";
    private const int LeastSecret = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Cells may start runs side by side.
    private readonly ConcurrentQueue<Func<byte[], CancellationToken, Task>> _takers = [];

    /// <summary>The file's name.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the file as it was read; in a front end, as it was last saved; null where it can't be read any more.</summary>
    public required Func<string?> Hash { get; init; }

    /// <summary>Its parameters with the values that they have, secrets left out; told what C#'s variables hold. Null where they aren't known.</summary>
    public required Func<Func<string, object?>, IReadOnlyDictionary<string, string>?> Parameters { get; init; }

    /// <summary>What is taken out of all that is told: tokens and passwords, however they came into a cell or its output.</summary>
    public required Func<IReadOnlyList<string>> Secrets { get; init; }

    /// <summary>The file that a front end has open; null where the runner runs it, which knows what became of it.</summary>
    public string? Open { get; private init; }

    /// <summary>The running cell's id in the file.</summary>
    public string? Cell { get; set; }

    /// <summary>Lets libraries ask.</summary>
    public static void Publish() => AppContext.SetData(Key, (Func<IReadOnlyDictionary<string, object?>?>)(() => KernelInvocationContext.Current?.Origin?.Invoke()));

    /// <summary>The notebook that the headless runner runs.</summary>
    public static async Task<NotebookOrigin> OfAsync(string path, NotebookFile notebook, IReadOnlyDictionary<string, string> given, CancellationToken cancellation) =>
        Of(path, notebook, given, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, cancellation))));

    /// <summary>The notebook that a front end has open; null where there is no such file.</summary>
    public static NotebookOrigin? OfSession(string? path)
    {
        if (path is null || !File.Exists(path)) return null;
        var full = Path.GetFullPath(path);
        return new NotebookOrigin
        {
            Name = Path.GetFileName(full),
            Hash = () => Read(full) is { } bytes ? Convert.ToHexStringLower(SHA256.HashData(bytes)) : null,
            Parameters = valueOf => Read(full) is { } bytes && Notebook(bytes, full) is { } saved
                ? NotebookParameters.Of(saved).Where(p => !p.IsSecret).ToDictionary(p => p.Name, p => Convert.ToString(valueOf(p.Name), CultureInfo.InvariantCulture) ?? "")
                : null,
            Secrets = () => SecretsOf(Read(full) is { } bytes ? Notebook(bytes, full) : null, new Dictionary<string, string>()),
            Open = full,
        };
    }

    private static NotebookOrigin Of(string path, NotebookFile notebook, IReadOnlyDictionary<string, string> given, string hash) => new()
    {
        Name = Path.GetFileName(path),
        Hash = () => hash,
        Parameters = _ => NotebookParameters.Of(notebook).Where(p => !p.IsSecret).ToDictionary(p => p.Name, p => given.GetValueOrDefault(p.Name, p.Default)),
        Secrets = () => SecretsOf(notebook, given),
    };

    private static IReadOnlyList<string> SecretsOf(NotebookFile? notebook, IReadOnlyDictionary<string, string> given) =>
    [
        .. (notebook is null ? [] : NotebookParameters.Of(notebook)).Where(p => p.IsSecret && SyntaxFactory.ParseToken(p.Default).IsKind(SyntaxKind.StringLiteralToken)).SelectMany(p => new[] { given.GetValueOrDefault(p.Name), p.Default.Trim('"'), SyntaxFactory.ParseToken(p.Default).ValueText })
            .Append(Environment.GetEnvironmentVariable("LIPSOL_TOKEN")).OfType<string>().Where(secret => secret.Length >= LeastSecret).Distinct(),
    ];

    private static NotebookFile? Notebook(byte[] bytes, string path)
    {
        try
        {
            return NotebookFile.Parse(Encoding.UTF8.GetString(bytes), path);
        }
        catch (NotebookFormatException)
        {
            return null;
        }
    }

    private static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What is told of the running cell.</summary>
    /// <param name="origin">The notebook; null where the kernel doesn't know the file.</param>
    /// <param name="count">The number under which the cell runs.</param>
    /// <param name="source">Its text.</param>
    /// <param name="valueOf">The value of a C# variable; null where there is none.</param>
    /// <param name="packages">The packages that were restored, with their versions.</param>
    public static IReadOnlyDictionary<string, object?> Tell(NotebookOrigin? origin, int count, string source, Func<string, object?> valueOf, IReadOnlyDictionary<string, string> packages) => new Dictionary<string, object?>
    {
        ["notebook"] = origin?.Name,
        ["sha256"] = origin?.Hash(),
        ["cell"] = origin?.Cell,
        ["execution"] = count,
        ["source"] = origin?.Without(source) ?? source,
        ["parameters"] = origin?.Parameters(valueOf),
        ["packages"] = packages,
        ["kernel"] = $"LipSol {About.Version}",
        ["executed"] = origin is null ? null : (Action<Func<byte[], CancellationToken, Task>>)origin._takers.Enqueue,
    };

    /// <summary>As <see cref="ExecutedAsync"/>, of a notebook that a front end has open, as it was last saved.</summary>
    public Task<IReadOnlyList<string>> SavedAsync(CancellationToken cancellationToken) =>
        Open is { } open && !_takers.IsEmpty && Read(open) is { } saved ? ExecutedAsync(saved, cancellationToken) : Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Gives the executed notebook to whoever asked for it, as long as they take it within half a minute; what went wrong, in words.</summary>
    public async Task<IReadOnlyList<string>> ExecutedAsync(byte[] notebook, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        notebook = Without(notebook);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        foreach (var take in _takers)
        {
            try
            {
                await take(notebook, limit.Token).WaitAsync(limit.Token);
            }
            catch (Exception e)
            {
                wrong.Add($"The executed notebook could not be kept with a run that it started: {e.Message}");
            }
        }

        return wrong;
    }

    // In texts alone: a notebook stays a notebook.
    private byte[] Without(byte[] notebook)
    {
        if (Notebook(notebook, Name) is not { } parsed) return Encoding.UTF8.GetBytes(Without(Encoding.UTF8.GetString(notebook)));
        parsed.ChangeTexts(Without);
        return parsed.ToBytes();
    }

    private string Without(string text) => Secrets().Aggregate(text, (without, secret) => without.Replace(secret, "…", StringComparison.Ordinal));
}
