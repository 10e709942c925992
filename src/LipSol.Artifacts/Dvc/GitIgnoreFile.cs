using System.Text;

namespace LipSol.Artifacts.Dvc;

/// <summary>Entries in <c>.gitignore</c> files, written as DVC writes them: <c>/name</c> in the folder of what is ignored.</summary>
internal static class GitIgnoreFile
{
    /// <summary>Has git ignore the path; returns the file that was changed, null where git ignored it already.</summary>
    public static string? Add(GitWorkTree git, string path)
    {
        if (git.IsIgnored(path)) return null;
        var file = Path.Combine(Path.GetDirectoryName(path)!, ".gitignore");
        var entry = "/" + Escape(Path.GetFileName(path));
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        if (text.Split('\n').Contains(entry)) return null;
        DurableFile.Replace(file, Encoding.UTF8.GetBytes($"{text}{(text.Length == 0 || text.EndsWith('\n') ? "" : "\n")}{entry}\n"));
        return file;
    }

    private static string Escape(string name)
    {
        var escaped = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if ("[]!*#?".Contains(c, StringComparison.Ordinal)) escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }
}
