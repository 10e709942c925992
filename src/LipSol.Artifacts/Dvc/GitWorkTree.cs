using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace LipSol.Artifacts.Dvc;

/// <summary>The git repository around versioned data, asked by <c>git</c> itself.</summary>
internal sealed class GitWorkTree
{
    private GitWorkTree(string root) => Root = root;

    /// <summary>Its top folder.</summary>
    public string Root { get; }

    /// <summary>The repository that a folder lies in; null where it lies in none.</summary>
    /// <exception cref="DvcException">git isn't installed, or refuses the repository.</exception>
    public static GitWorkTree? Find(string folder)
    {
        var (status, output, error) = Start(folder, ["rev-parse", "--show-toplevel"]);
        if (status == 0) return new GitWorkTree(Path.GetFullPath(Text(output).TrimEnd('\n')));
        if (error.Contains("not a git repository", StringComparison.OrdinalIgnoreCase) || error.Contains("work tree", StringComparison.OrdinalIgnoreCase)) return null;
        throw new DvcException($"git can't read the repository of {folder}: {FirstLine(error)}");
    }

    public bool IsIgnored(string path) => Start(Root, ["check-ignore", "-q", "--", Relative(path)]).Status == 0;

    /// <summary>Whether git itself holds it, or a file below it.</summary>
    public bool IsTracked(string path) => Run("--literal-pathspecs", "ls-files", "-z", "--", Relative(path)).Length > 0;

    /// <summary>Files of the work tree, known to git or not, except ignored ones, whose names match.</summary>
    public IReadOnlyList<string> Files(params string[] patterns) =>
        [.. Split(Run(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", .. patterns])).Distinct().Select(p => Path.Combine(Root, p))];

    /// <summary>Files below a folder that <c>.dvcignore</c> files exclude; these have the syntax of <c>.gitignore</c>.</summary>
    public IReadOnlySet<string> ExcludedByDvcIgnore(string folder) =>
        Split(Run("--literal-pathspecs", "ls-files", "-z", "--others", "--ignored", "--exclude-per-directory=.dvcignore", "--", Relative(folder)))
            .Select(p => Path.Combine(Root, p)).ToHashSet(StringComparer.Ordinal);

    public void Stage(IEnumerable<string> paths) => Run(["--literal-pathspecs", "add", "--", .. paths.Select(Relative)]);

    /// <summary>The commits that branches (also those of others), tags, stashes, this and other work trees stand on; or all that can be reached from them.</summary>
    public IReadOnlyList<string> Commits(bool all)
    {
        var tips = Lines(Run("for-each-ref", "--format=%(objectname)")).Concat(Lines(Run("worktree", "list", "--porcelain")).Where(l => l.StartsWith("HEAD ", StringComparison.Ordinal)).Select(l => l["HEAD ".Length..]))
            .Where(c => c.Trim('0').Length > 0).Distinct().ToArray();
        // A tag may name something else than a commit; such one has no versions of data.
        var commits = Lines(Run(Encoding.ASCII.GetBytes(string.Join('\n', tips.Select(t => t + "^{commit}")) + "\n"), "cat-file", "--batch-check=%(objecttype) %(objectname)"))
            .Where(l => l.StartsWith("commit ", StringComparison.Ordinal)).Select(l => l["commit ".Length..]).Distinct().ToArray();
        return all && commits.Length > 0 ? [.. Lines(Run(Encoding.ASCII.GetBytes(string.Join('\n', commits) + "\n"), "rev-list", "--stdin"))] : commits;
    }

    /// <summary>The commit that a name stands for; null where it stands for none.</summary>
    public string? Resolve(string revision)
    {
        var (status, output, _) = Start(Root, ["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"]);
        return status == 0 ? Text(output).Trim() : null;
    }

    /// <summary>The files of a commit, or (null) of the index, for which <paramref name="wanted"/> holds, with the ids of their contents. Paths are relative to <see cref="Root"/>.</summary>
    public IEnumerable<(string Path, string Id)> Tree(string? commit, Func<string, bool> wanted)
    {
        var entries = Split(commit is null ? Run("ls-files", "-z", "--stage") : Run("ls-tree", "-r", "-z", "--full-tree", commit));
        foreach (var entry in entries)
        {
            var tab = entry.IndexOf('\t', StringComparison.Ordinal);
            var path = entry[(tab + 1)..];
            if (!wanted(path)) continue;
            var words = entry[..tab].Split(' ');
            yield return (path, words[commit is null ? 1 : 2]);
        }
    }

    /// <summary>The contents with these ids, as text.</summary>
    public IReadOnlyDictionary<string, string> Contents(IEnumerable<string> ids)
    {
        var wanted = ids.Distinct().ToArray();
        var contents = new Dictionary<string, string>(StringComparer.Ordinal);
        if (wanted.Length == 0) return contents;
        var output = Run(Encoding.ASCII.GetBytes(string.Join('\n', wanted) + "\n"), "cat-file", "--batch").AsSpan();
        foreach (var id in wanted)
        {
            var head = output.IndexOf((byte)'\n');
            var words = Encoding.ASCII.GetString(output[..head]).Split(' ');
            output = output[(head + 1)..];
            if (words.Length != 3) continue; // missing
            var length = int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture);
            if (words[1] == "blob") contents[id] = Encoding.UTF8.GetString(output[..length]);
            output = output[(length + 1)..];
        }
        return contents;
    }

    public string Relative(string path) => Path.GetRelativePath(Root, path);

    private byte[] Run(params string[] arguments) => Run((byte[]?)null, arguments);

    private byte[] Run(byte[]? input, params string[] arguments)
    {
        var (status, output, error) = Start(Root, arguments, input);
        return status == 0 ? output : throw new DvcException($"git {arguments.First(a => a[0] != '-')} failed in {Root}: {FirstLine(error)}");
    }

    private static (int Status, byte[] Output, string Error) Start(string folder, string[] arguments, byte[]? input = null)
    {
        var start = new ProcessStartInfo("git", ["-C", folder, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        try
        {
            using var git = Process.Start(start)!;
            var writing = Task.Run(() =>
            {
                try
                {
                    if (input is not null) git.StandardInput.BaseStream.Write(input);
                    git.StandardInput.Close();
                }
                catch (IOException)
                {
                    // It ended before it read everything: its status says why.
                }
            });
            var errors = git.StandardError.ReadToEndAsync();
            using var output = new MemoryStream();
            git.StandardOutput.BaseStream.CopyTo(output);
            writing.Wait();
            git.WaitForExit();
            return (git.ExitCode, output.ToArray(), errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception e)
        {
            throw new DvcException("git isn't installed, and versions of data are told by git. Install it (e.g. apt-get install git).", e);
        }
    }

    private static string Text(byte[] output) => Encoding.UTF8.GetString(output);

    private static string[] Split(byte[] output) => Text(output).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Lines(byte[] output) => Text(output).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string FirstLine(string error) => error.Trim().Split('\n')[0];
}
