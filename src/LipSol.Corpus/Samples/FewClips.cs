using LipSol.Language.Text;

namespace LipSol.Corpus.Samples;

/// <summary>A handful of a corpus' clips, on which a network is tried before it is trained on all.</summary>
public static class FewClips
{
    private const int TrainClips = 4, OtherClips = 2;

    /// <summary>Four clips of train and two each of val and test, of as many texts as there can be among so few: a padded batch and several classes come up. To them come clips of train that say what else the others say, word by word and letter by letter: a corpus that is sound stays so.</summary>
    public static CorpusManifest Of(CorpusManifest manifest)
    {
        CorpusClip[] usable = [.. manifest.Clips.Where(c => c.MouthClip is not null)];
        List<CorpusClip> few =
        [
            .. usable.GroupBy(c => c.Split).SelectMany(split => split
                .GroupBy(c => c.Text).SelectMany(text => text.Select((clip, i) => (clip, i))).OrderBy(c => c.i).Select(c => c.clip)
                .Take(split.Key == Split.Train ? TrainClips : OtherClips)),
        ];
        var lacks = few.Where(c => c.Split != Split.Train).SelectMany(Said).ToHashSet(StringComparer.Ordinal);
        lacks.ExceptWith(few.Where(c => c.Split == Split.Train).SelectMany(Said));
        foreach (var clip in usable.Where(c => c.Split == Split.Train).Except(few).ToArray())
        {
            if (lacks.Count == 0) break;
            if (!Said(clip).Any(lacks.Contains)) continue;
            few.Add(clip);
            lacks.ExceptWith(Said(clip));
        }
        return manifest with { Clips = few };
    }

    private static IEnumerable<string> Said(CorpusClip clip) => Transcripts.Words(clip.Text).Concat(clip.Text.EnumerateRunes().Select(r => r.ToString()));
}
