using LipSol.Cluster.Tests.Uploads;

namespace LipSol.Cluster.Tests.Pipelines;

/// <summary>A folder of fourteen drawn recordings of two words, with labels.csv.</summary>
internal static class Recordings
{
    public static void Make(string folder)
    {
        Directory.CreateDirectory(folder);
        var labels = new List<string> { "path,speaker,split,text" };
        string[] splits = ["train", "train", "train", "train", "val", "test", "test"];
        for (var i = 0; i < 2 * splits.Length; i++)
        {
            // Each of another length, so that no two are the same clip.
            Videos.Talking(Path.Combine(folder, $"{i:00}.avi"), frames: 26 + i);
            labels.Add($"{i:00}.avi,a,{splits[i / 2]},{(i % 2 == 0 ? "ایک" : "دو")}");
        }
        File.WriteAllLines(Path.Combine(folder, "labels.csv"), labels);
    }
}
