using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Export;

/// <summary>Writes how a notebook's cells ended as JUnit's XML, which build servers show: a test suite for the notebook, a test case for each cell; what didn't run is skipped.</summary>
public static class JUnitExporter
{
    /// <summary>Writes the report of <paramref name="notebook"/>, which has run, to <paramref name="path"/>.</summary>
    /// <param name="notebook">The executed notebook.</param>
    /// <param name="name">What the suite is called.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends it.</param>
    public static Task WriteAsync(NotebookFile notebook, string name, string path, CancellationToken cancellation = default) =>
        WholeFile.WriteAsync(path, Report(notebook, name).ToString() + "\n", cancellation);

    internal static XElement Report(NotebookFile notebook, string name)
    {
        var cells = NotebookRunner.Titled(notebook).ToList();
        var cases = cells.Select((cell, i) => Case(cell.Cell, $"{i + 1} {cell.Title}", name)).ToList();
        var counts = new[]
        {
            new XAttribute("tests", cases.Count),
            new XAttribute("failures", cases.Count(c => c.Element("failure") is not null)),
            new XAttribute("errors", 0),
            new XAttribute("skipped", cases.Count(c => c.Element("skipped") is not null)),
            new XAttribute("time", Seconds(TimeSpan.FromSeconds(cells.Sum(c => c.Cell.Ran?.Took?.TotalSeconds ?? 0)))),
        };
        var began = cells.Select(c => c.Cell.Ran?.Began).FirstOrDefault(b => b is not null);
        return new XElement("testsuites", counts, new XElement("testsuite", new XAttribute("name", Clean(name)), counts,
            began is { } time ? new XAttribute("timestamp", time.UtcDateTime.ToString("s", CultureInfo.InvariantCulture)) : null, cases));
    }

    private static XElement Case(NotebookCell cell, string title, string suite)
    {
        var test = new XElement("testcase", new XAttribute("classname", Clean(suite)), new XAttribute("name", Clean(title)), new XAttribute("time", Seconds(cell.Ran?.Took ?? TimeSpan.Zero)));
        if (cell.Error is { } error)
            test.Add(new XElement("failure", new XAttribute("type", Clean(error.Name)), new XAttribute("message", Clean(error.Message)), Clean(string.Join('\n', error.Traceback))));
        else if (cell.Ran?.Took is null)
            test.Add(new XElement("skipped", new XAttribute("message", cell.Ran is null ? "The run ended before this cell." : "The cell didn't end.")));
        var said = string.Concat(cell.Outputs.Where(o => o["output_type"]?.ToString() == "stream").Select(o => NotebookFile.Text(o["text"])));
        if (said.Length > 0) test.Add(new XElement("system-out", Clean(said)));
        return test;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>What XML 1.0 can't hold, such as a terminal's colours, is left out.</summary>
    private static string Clean(string text) => string.Concat(text.EnumerateRunes().Where(r => r.Value > 0xFFFF || XmlConvert.IsXmlChar((char)r.Value)));
}
