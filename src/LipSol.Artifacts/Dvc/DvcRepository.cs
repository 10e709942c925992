using System.Text;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Dvc;

/// <summary>A repository of versioned data, DVC's or made here: the folder with <c>.dvc</c> in it, its <c>.dvc</c> files, settings, cache and index.</summary>
public sealed class DvcRepository
{
    private static readonly string[] FileNames = ["*" + DvcFile.Suffix, "*dvc.lock"];
    private readonly TimeProvider _time;

    private DvcRepository(string root, GitWorkTree? git, TimeProvider time)
    {
        (Root, Git, _time) = (root, git, time);
        Config = DvcConfig.Load(DvcFolder);
        Index = HashIndex.Open(Path.Combine(TemporaryFolder, "hashes"), Root);
        var cache = Config.Find("cache", "dir") ?? Path.Combine(DvcFolder, "cache");
        Cache = new DvcCache(cache, Kinds(Config.Find("cache", "type")), Index, time);
    }

    /// <summary>Its top folder.</summary>
    public string Root { get; }

    /// <summary>Its settings.</summary>
    public DvcConfig Config { get; }

    internal GitWorkTree? Git { get; }

    internal DvcCache Cache { get; }

    internal HashIndex Index { get; }

    internal TimeProvider Time => _time;

    internal string DvcFolder => Path.Combine(Root, ".dvc");

    // Ignored by git in every repository that DVC or LipSol made.
    internal string TemporaryFolder => Path.Combine(DvcFolder, "tmp", "lipsol");

    /// <summary>The repository that a folder lies in.</summary>
    /// <exception cref="DvcException">It lies in none.</exception>
    public static DvcRepository Open(string folder, TimeProvider? time = null) => Find(folder, time ?? TimeProvider.System)
        ?? throw DvcException.BadInput($"{Path.GetFullPath(folder)} is in no repository of versioned data. `lipsol data add PATH` makes one, in a git repository.");

    /// <summary>The repository that a folder lies in; null where it lies in none.</summary>
    public static DvcRepository? TryOpen(string folder, TimeProvider? time = null) => Find(folder, time ?? TimeProvider.System);

    /// <summary>The repository that a folder lies in. In a git repository that is none yet <c>.dvc</c> is made, as <c>dvc init</c> does.</summary>
    /// <exception cref="DvcException">It lies in no git repository either.</exception>
    public static DvcRepository OpenOrCreate(string folder, TimeProvider? time = null)
    {
        if (Find(folder, time ?? TimeProvider.System) is { } found) return found;
        var git = GitWorkTree.Find(folder) ?? throw DvcException.BadInput($"{Path.GetFullPath(folder)} is in no git repository, and versions of data are told by git. Run `git init` first.");
        var dvc = Path.Combine(git.Root, ".dvc");
        if (git.IsIgnored(dvc)) throw DvcException.BadInput($"{dvc} is ignored by git. Add the line !.dvc to {Path.Combine(git.Root, ".gitignore")}.");
        Directory.CreateDirectory(Path.Combine(dvc, "tmp"));
        WriteNew(Path.Combine(dvc, ".gitignore"), "/config.local\n/tmp\n/cache\n");
        WriteNew(Path.Combine(git.Root, ".dvcignore"), "# Add patterns of files dvc should ignore, which could improve\n# the performance. Learn more at\n# https://dvc.org/doc/user-guide/dvcignore\n");
        WriteNew(Path.Combine(dvc, "config"), "");
        return new DvcRepository(git.Root, git, time ?? TimeProvider.System) { IsNew = true };
    }

    /// <summary>Whether it was made by this call.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Keeps others (DVC too) from changing the repository meanwhile.</summary>
    /// <exception cref="DvcException">Another one does just now.</exception>
    internal FileStream Lock()
    {
        var file = Path.Combine(DvcFolder, "tmp", "lock");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        try
        {
            // flock(2), exclusive: what DVC takes too.
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (DurableFile.IsHeld(e))
        {
            throw new DvcException($"Another command works on {Root} just now. Wait until it's done, and do it again.", e);
        }
    }

    /// <summary>What is versioned here: all of it, or what the paths name (a <c>.dvc</c> file, what it versions, or a folder with such below it).</summary>
    /// <exception cref="DvcException">A path names nothing that is versioned, or a file can't be read.</exception>
    internal IReadOnlyList<TrackedOutput> Outputs(IReadOnlyCollection<string>? paths = null)
    {
        var all = DvcFiles().Where(f => f.EndsWith(DvcFile.Suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .SelectMany(f => TrackedOutput.Of(f, DvcFile.Parse(ReadText(f), Path.GetRelativePath(Root, f)))).Select(Guard).ToArray();
        if (paths is null or { Count: 0 }) return all;
        var chosen = new List<TrackedOutput>();
        foreach (var path in paths)
        {
            var full = FullPath(path);
            var named = all.Where(o => o.Path == full || o.DvcFilePath == full || IsBelow(o.DvcFilePath, full)).ToArray();
            if (named.Length == 0) throw DvcException.BadInput($"{path} isn't versioned: there is no {Path.GetFileName(full)}.dvc for it. `lipsol data status` lists what is.");
            chosen.AddRange(named);
        }
        return [.. chosen.DistinctBy(o => o.Path)];
    }

    // A .dvc file comes from others: it must not have files written where it likes.
    private TrackedOutput Guard(TrackedOutput output) => IsBelow(output.Path, Root) && !Relative(output.Path).Split(Path.DirectorySeparatorChar).Any(p => p is ".git" or ".dvc") ? output
        : output with { Output = output.Output with { Unsupported = $"{output.Output.Path} of {Relative(output.DvcFilePath)} lies outside of the repository's data" } };

    /// <summary>A path of the command line, as one of this repository.</summary>
    internal string FullPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (full == Root || IsBelow(full, Root)) return full;
        // The same place by another way, through links above the repository.
        for (var folder = full; Path.GetDirectoryName(folder) is { } above; folder = above)
        {
            if (new DirectoryInfo(above).ResolveLinkTarget(returnFinalTarget: true) is not { } target) continue;
            var real = Path.Combine(target.FullName, Path.GetRelativePath(above, full));
            if (real == Root || IsBelow(real, Root)) return real;
        }
        throw DvcException.BadInput($"{path} lies outside of the repository {Root}.");
    }

    internal static bool IsBelow(string path, string folder) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    internal string Relative(string path) => Path.GetRelativePath(Root, path);

    internal static string ReadText(string file) => File.ReadAllText(file, Encoding.UTF8);

    /// <summary>All <c>.dvc</c> and <c>dvc.lock</c> files of the workspace.</summary>
    internal IEnumerable<string> DvcFiles()
    {
        var files = Git is not null ? Git.Files(FileNames).Where(f => File.Exists(f) && IsBelow(f, Root)) : Walk(Root);
        return files.Where(f => IsDvcFile(f) && !IsBelow(f, DvcFolder));
    }

    internal static bool IsDvcFile(string path) => path.EndsWith(DvcFile.Suffix, StringComparison.Ordinal) && Path.GetFileName(path) != DvcFile.Suffix || Path.GetFileName(path) == "dvc.lock";

    private static DvcRepository? Find(string start, TimeProvider time)
    {
        for (var folder = new DirectoryInfo(Path.TrimEndingDirectorySeparator(Path.GetFullPath(start))); folder is not null; folder = folder.Parent)
        {
            if (!Directory.Exists(Path.Combine(folder.FullName, ".dvc"))) continue;
            var noScm = DvcConfig.Load(Path.Combine(folder.FullName, ".dvc")).IsTrue("core", "no_scm");
            return new DvcRepository(folder.FullName, noScm ? null : GitWorkTree.Find(folder.FullName), time);
        }
        return null;
    }

    // Without git: a folder that is versioned isn't searched.
    private static IEnumerable<string> Walk(string folder)
    {
        var files = Directory.GetFiles(folder).Where(IsDvcFile).ToArray();
        foreach (var file in files) yield return file;
        foreach (var below in Directory.GetDirectories(folder))
        {
            if (Path.GetFileName(below) is ".dvc" or ".git" || files.Contains(below + DvcFile.Suffix) || new DirectoryInfo(below).LinkTarget is not null) continue;
            foreach (var file in Walk(below)) yield return file;
        }
    }

    private static void WriteNew(string file, string text)
    {
        if (!File.Exists(file)) DurableFile.Replace(file, Encoding.UTF8.GetBytes(text));
    }

    private static IReadOnlyList<LinkKind> Kinds(string? types) => types is null ? [LinkKind.Reflink, LinkKind.Copy]
        : [.. types.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(t => Enum.TryParse<LinkKind>(t.Trim('"', '\''), ignoreCase: true, out var kind) ? kind
            : throw DvcException.BadInput($"cache.type of the DVC settings is \"{types}\". Give reflink, hardlink, symlink or copy, or several with commas between."))];
}
