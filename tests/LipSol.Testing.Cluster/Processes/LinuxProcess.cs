using System.Globalization;

namespace LipSol.Testing.Cluster.Processes;

/// <summary>A process as /proc shows it; see proc(5). The time it started tells it from a later process of the same number.</summary>
internal readonly record struct LinuxProcess(int Id, long StartedAt)
{
    /// <summary>Whether it runs or sleeps; a zombie is dead.</summary>
    public bool IsAlive => Read(Id) is { } now && now.StartedAt == StartedAt && now.State is not ('Z' or 'X');

    /// <summary>The most memory it has held so far, in bytes.</summary>
    public long PeakMemory => Status("VmHWM:");

    /// <summary>The memory it holds now, in bytes.</summary>
    public long Memory => Status("VmRSS:");

    public static LinuxProcess Find(int id) => Read(id) is { } found ? new(id, found.StartedAt) : throw new InvalidOperationException($"There is no process {id}.");

    /// <summary>The living processes that <paramref name="parent"/> started.</summary>
    public static IReadOnlyList<LinuxProcess> ChildrenOf(int parent) =>
        [.. from folder in Directory.EnumerateDirectories("/proc")
            let id = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
            where id > 0
            let found = Read(id)
            where found is { State: not ('Z' or 'X') } && found.Value.Parent == parent
            select new LinuxProcess(id, found.Value.StartedAt)];

    /// <summary>The living processes whose command line or environment names something.</summary>
    public static IReadOnlyList<LinuxProcess> Mentioning(string text) =>
        [.. from folder in Directory.EnumerateDirectories("/proc")
            let id = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
            where id > 0
            let found = Read(id)
            where found is { State: not ('Z' or 'X') } && (Text(id, "cmdline").Contains(text, StringComparison.Ordinal) || Text(id, "environ").Contains(text, StringComparison.Ordinal))
            select new LinuxProcess(id, found.Value.StartedAt)];

    /// <summary>Whether it has a file of this name open.</summary>
    public bool HasOpen(string fileName)
    {
        try
        {
            return new DirectoryInfo($"/proc/{Id}/fd").EnumerateFileSystemInfos().Any(f => f.LinkTarget is { } target && Path.GetFileName(target) == fileName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes a line where this process' stderr goes, as a native library in it would.</summary>
    public void PrintOnItsStderr(string line) => File.AppendAllText($"/proc/{Id}/fd/2", line + "\n");

    private long Status(string field) =>
        long.Parse(File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;

    private static string Text(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static (char State, int Parent, long StartedAt)? Read(int id)
    {
        try
        {
            // The name in brackets may hold anything; what follows are fields 3 (state), 4 (parent) and 22 (start).
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
