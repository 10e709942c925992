using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>Which remote is meant: one of <c>.dvc/config</c> by its name, the default one without, or a folder or S3 address as it is.</summary>
internal static class RemoteSelection
{
    /// <summary>One of a repository's.</summary>
    /// <exception cref="DvcException">There's none, or none of that name, or one of a kind that LipSol doesn't know.</exception>
    public static IObjectRemote Open(DvcRepository repository, string? wanted) => Open(repository.Config, repository.DvcFolder, wanted);

    /// <param name="config">The settings.</param>
    /// <param name="folder">Where they are written, for messages.</param>
    /// <param name="wanted">A name or an address; null: the default.</param>
    /// <exception cref="DvcException">There's none, or none of that name, or one of a kind that LipSol doesn't know.</exception>
    public static IObjectRemote Open(DvcConfig config, string folder, string? wanted)
    {
        if (wanted is not null && config.Remote(wanted) is null && IsAddress(wanted)) return Create(wanted, wanted, new Dictionary<string, string>());
        var name = wanted ?? config.Find("core", "remote");
        var file = Path.Combine(folder, "config");
        if (name is null)
            throw DvcException.BadInput($"No remote is configured. Write [core] with remote = storage and ['remote \"storage\"'] with url = FOLDER or s3://bucket/folder into {file}, or name one with --remote.");
        var settings = config.Remote(name) ?? throw DvcException.BadInput($"There is no remote {name} in {file}. {(config.Remotes.Count == 0 ? "There is none at all." : $"There are: {string.Join(", ", config.Remotes)}.")}");
        if (!settings.TryGetValue("url", out var url) || url.Length == 0) throw DvcException.BadInput($"The remote {name} has no url. Give it one in {file}: a folder, or s3://bucket/folder.");
        foreach (var option in (string[])["worktree", "version_aware"])
            if (settings.TryGetValue(option, out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase)) throw DvcException.BadInput($"The remote {name} is {option}: it keeps files by a cloud's own versions, which LipSol doesn't. Use dvc for it, or another remote.");
        if (!url.StartsWith("remote://", StringComparison.Ordinal)) return Create(name, url, settings);
        // A folder of another remote.
        var parts = url["remote://".Length..].Split('/', 2);
        var other = config.Remote(parts[0]) is { } found && found.TryGetValue("url", out var above) && !above.StartsWith("remote://", StringComparison.Ordinal) ? found : throw DvcException.BadInput($"The remote {name} has the url {url}, and there is no remote {parts[0]} with a url of its own.");
        return Create(name, parts.Length > 1 ? $"{other["url"].TrimEnd('/')}/{parts[1]}" : other["url"], other);
    }

    private static bool IsAddress(string text) => text.Contains("://", StringComparison.Ordinal) || text.Contains('/', StringComparison.Ordinal) || text is "." or "..";

    private static IObjectRemote Create(string name, string url, IReadOnlyDictionary<string, string> settings)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return new FolderRemote(Path.TrimEndingDirectorySeparator(Path.GetFullPath(url)));
        return url[..scheme] switch
        {
            "file" => new FolderRemote(Path.TrimEndingDirectorySeparator(Path.GetFullPath(url[(scheme + 3)..]))),
            "s3" => S3(name, url[(scheme + 3)..], settings),
            var kind => throw DvcException.BadInput($"The remote {name} is of the kind {kind}://. LipSol knows folders and s3://."),
        };
    }

    private static S3Remote S3(string name, string address, IReadOnlyDictionary<string, string> settings)
    {
        var parts = address.Trim('/').Split('/', 2);
        if (parts[0].AsSpan().ContainsAny('@', ':')) throw DvcException.BadInput("Keys don't belong into an address, which is shown in messages. Write access_key_id and secret_access_key into .dvc/config.local, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
        if (parts[0].Length == 0) throw DvcException.BadInput($"The remote {name} names no bucket. Write its url as s3://bucket/folder.");
        return new S3Remote(S3Client.Create(name, settings), parts[0], parts.Length > 1 ? parts[1] + "/" : "", S3Client.IsAnonymous(settings));
    }
}
