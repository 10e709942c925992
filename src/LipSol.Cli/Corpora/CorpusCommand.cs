using System.CommandLine;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus</c>: make, import and look at corpora.</summary>
internal static class CorpusCommand
{
    public static Command Create() =>
        new CliCommand("corpus", "Make, import, change and look at corpora.", "lipsol corpus import grid ~/grid --name grid", "lipsol corpus show grid")
            .With(CorpusSynth.Create(), CorpusImport.Create(), CorpusViews.List(), CorpusViews.Show(), CorpusCheck.Create(), CorpusAlign.Create(), CorpusHistory.Create(), CorpusChange.Create(), CorpusWithdraw.Create());

    /// <summary>A name that can be one, before any work is done.</summary>
    public static string CheckName(string name)
    {
        try
        {
            return Corpus.CorpusCatalog.CheckName(name);
        }
        catch (ArgumentException e)
        {
            throw new BadInputException(e.Message.Split(" (Parameter")[0], e);
        }
    }
}
